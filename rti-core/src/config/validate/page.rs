//! Options of the page that blocked visitors see.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::config::builder::PageOptions;
use crate::config::lint::ConfigWarning;
use crate::config::options::{self, ConfigOption};
use crate::config::support_url::SupportUrl;
use crate::config::{ConfigBuilder, ConfigFault};
use crate::decision::SkipReason;
use crate::reply::{BlockPage, LARGEST_TEMPLATE, PageTexts};
use crate::route::PathRules;

const LONGEST_TITLE: usize = 100;
const LONGEST_MESSAGE: usize = 1000;

impl ConfigBuilder {
    /// None where there is a fault.
    pub(super) fn take_block_page(
        &mut self,
        exclusions: Option<&PathRules<SkipReason>>,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<BlockPage> {
        let PageOptions {
            title,
            message,
            support_url,
            lang,
            template,
        } = std::mem::take(&mut self.page);
        let faults = self.faults.len();
        let texts = PageTexts {
            title: self.page_text(&options::BLOCK_PAGE_TITLE, title, LONGEST_TITLE, &[]),
            message: self.page_text(
                &options::BLOCK_PAGE_MESSAGE,
                message,
                LONGEST_MESSAGE,
                &['\n', '\r', '\t'],
            ),
            support_url: self.page_link(support_url, exclusions, warnings),
            lang: self.page_lang(lang),
        };
        let page = match template {
            Some(path) => {
                self.refuse_texts_beside_template(&texts, &path);
                let page = read(&path).and_then(|text| BlockPage::template(&text));
                page.map_err(|rule| {
                    self.invalid(&options::BLOCK_PAGE, &path.display().to_string(), rule);
                })
                .ok()
            }
            None => Some(BlockPage::standard(&texts)),
        };
        page.filter(|_| self.faults.len() == faults)
    }

    fn page_text(
        &mut self,
        option: &ConfigOption,
        text: Option<String>,
        longest: usize,
        allowed: &[char],
    ) -> Option<String> {
        let text = not_blank(text)?;
        if text.chars().count() > longest {
            let rule = format!("expected at most {longest} characters");
            self.invalid(option, &text, rule);
        } else if text.contains(|c: char| c.is_control() && !allowed.contains(&c)) {
            self.invalid(option, &text, "expected a text without control characters");
        } else {
            return Some(text);
        }
        None
    }

    fn page_link(
        &mut self,
        url: Option<String>,
        exclusions: Option<&PathRules<SkipReason>>,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<String> {
        let text = not_blank(url)?;
        let url: Result<SupportUrl, String> = text.parse();
        let url = url
            .map_err(|rule| self.invalid(&options::SUPPORT_URL, &text, rule))
            .ok()?;
        let is_checked =
            |path: &str| exclusions.is_some_and(|rules| rules.find("GET", path).is_none());
        if url.own_path.as_deref().is_some_and(is_checked) {
            warnings.push(ConfigWarning::new(
                options::SUPPORT_URL.name,
                text,
                "is checked like any page: a blocked visitor who follows the link is blocked there \
                 too; name its path in uri_exclusion",
            ));
        }
        Some(url.href)
    }

    fn page_lang(&mut self, tag: Option<String>) -> Option<String> {
        let tag = not_blank(tag)?;
        if is_language_tag(&tag) {
            return Some(tag);
        }
        let rule = "expected a language tag such as `de` or `pt-BR`";
        self.invalid(&options::LANG, &tag, rule);
        None
    }

    /// An option that does nothing is a mistake.
    fn refuse_texts_beside_template(&mut self, texts: &PageTexts, path: &Path) {
        let set = [
            (&texts.title, &options::BLOCK_PAGE_TITLE),
            (&texts.message, &options::BLOCK_PAGE_MESSAGE),
            (&texts.support_url, &options::SUPPORT_URL),
            (&texts.lang, &options::LANG),
        ];
        for (_, option) in set.into_iter().filter(|(text, _)| text.is_some()) {
            let rule = "would do nothing: the file of block_page is the whole page";
            let path = path.display().to_string();
            self.faults.push(ConfigFault::conflict(option, path, rule));
        }
    }
}

fn not_blank(text: Option<String>) -> Option<String> {
    let text = text?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// As far as its shape goes: whether there is such a language, nobody here knows.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let is_language = |subtag: &str| {
        (2..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    tag.len() <= 35 && subtags.next().is_some_and(is_language) && subtags.all(is_subtag)
}

/// The text of a file, and not much of one that is too large.
fn read(path: &Path) -> Result<String, String> {
    let read = || {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST_TEMPLATE as u64 + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| format!("expected a file that can be read ({error})"))?;
    // One that is too large may be cut off within a letter; its size is the fault.
    if bytes.len() > LARGEST_TEMPLATE {
        return Err(format!(
            "expected a page of at most {LARGEST_TEMPLATE} bytes"
        ));
    }
    String::from_utf8(bytes).map_err(|_| "expected a page in UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::{Config, ConfigError, ConfigErrorKind, ConfigWarning};

    fn builder() -> ConfigBuilder {
        Config::builder("key-7", "hash", "us")
    }

    fn html(config: &Config) -> String {
        let page = &config.settings().block_page;
        String::from_utf8(page.html(Some("r-1")).to_vec()).unwrap()
    }

    /// A file of this test's own.
    fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let name = format!("rti-block-page-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn refusal(builder: ConfigBuilder) -> ConfigError {
        builder.build().unwrap_err()
    }

    #[test]
    fn the_page_is_the_same_from_every_source() {
        let built = builder()
            .block_page_title(" Example Shop ")
            .block_page_message("Sorry.")
            .support_url("/help")
            .lang("pt-BR")
            .build();
        let page = html(&built.unwrap());
        for part in [
            "lang=\"pt-BR\"",
            "<h1>Example Shop</h1>",
            "<p>Sorry.</p>",
            "href=\"/help\"",
            ">r-1</code>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let vars = [
            ("RTI_API_KEY", "key-7"),
            ("RTI_TAG_HASH", "hash"),
            ("RTI_API_ENDPOINT", "us"),
            ("RTI_BLOCK_PAGE_TITLE", "Example Shop"),
            ("RTI_BLOCK_PAGE_MESSAGE", "Sorry."),
            ("RTI_SUPPORT_URL", "/help"),
            ("RTI_LANG", "pt-BR"),
        ];
        assert_eq!(html(&ConfigBuilder::from_vars(vars).build().unwrap()), page);
        let file = "api_key = 'key-7'\ntag_hash = 'hash'\napi_endpoint = 'us'\n\
            block_page_title = 'Example Shop'\nblock_page_message = 'Sorry.'\n\
            support_url = '/help'\nlang = 'pt-BR'";
        assert_eq!(html(&toml::from_str(file).unwrap()), page);
    }

    #[test]
    fn blank_options_count_as_not_set() {
        let blank = builder().block_page_title(" ").block_page_message("");
        let blank = blank.support_url(" ").lang("").build().unwrap();
        assert_eq!(html(&blank), html(&builder().build().unwrap()));
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_name() {
        for (builder, option, rule) in [
            (
                builder().block_page_title("x".repeat(101)),
                "block_page_title",
                "at most 100",
            ),
            (
                builder().block_page_title("a\nb"),
                "block_page_title",
                "control",
            ),
            (
                builder().block_page_message("ä".repeat(1001)),
                "block_page_message",
                "at most 1000",
            ),
            (
                builder().block_page_message("a\0b"),
                "block_page_message",
                "control",
            ),
            (
                builder().support_url("javascript:alert(1)"),
                "support_url",
                "`mailto:`",
            ),
        ] {
            let error = refusal(builder);
            let fault = &error.faults()[0];
            assert_eq!(
                (error.faults().len(), fault.option()),
                (1, option),
                "{error}"
            );
            assert!(fault.rule().contains(rule), "{error}");
        }
        for tag in [
            "d",
            "de_DE",
            "de-",
            "1a",
            "de-toolongsubtag",
            "\"><b",
            "d\u{e9}",
        ] {
            assert_eq!(
                refusal(builder().lang(tag)).faults()[0].option(),
                "lang",
                "{tag}"
            );
        }
        for tag in ["de", "zh-Hant-TW", "es-419", "gsw"] {
            assert!(builder().lang(tag).build().is_ok(), "{tag}");
        }
    }

    #[test]
    fn a_template_is_read_once_at_start() {
        let path = file("template", "<h1>Shop</h1>{{reference}}");
        let config = builder().block_page(&path).build().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(html(&config), "<h1>Shop</h1>r-1");
    }

    #[test]
    fn what_is_no_template_is_refused_by_name() {
        let too_large = [b"\xc3\xa4".repeat(LARGEST_TEMPLATE / 2), vec![b'x']].concat();
        for (name, content, rule) in [
            ("placeholder", &b"{{id}}"[..], "`{{id}}`"),
            ("empty", b"", "is empty"),
            ("latin", b"\xe4", "UTF-8"),
            ("large", &too_large, "at most 65536 bytes"),
        ] {
            let path = file(name, content);
            let error = refusal(builder().block_page(&path));
            std::fs::remove_file(&path).unwrap();
            let fault = &error.faults()[0];
            assert_eq!(fault.option(), "block_page");
            assert_eq!(fault.value(), path.to_str());
            assert!(fault.rule().contains(rule), "{error}");
        }
        for path in [PathBuf::from("/does/not/exist"), std::env::temp_dir()] {
            let error = refusal(builder().block_page(path));
            assert_eq!(error.faults()[0].option(), "block_page");
            assert!(error.to_string().contains("expected a file"), "{error}");
        }
    }

    #[test]
    fn what_a_template_makes_useless_is_refused() {
        let path = file("beside", "sorry");
        let both = builder()
            .block_page(&path)
            .block_page_title("Shop")
            .lang("de");
        let error = refusal(both);
        std::fs::remove_file(&path).unwrap();
        let faults = error.faults().iter();
        let named: Vec<_> = faults.map(|fault| (fault.option(), fault.kind())).collect();
        let conflict = ConfigErrorKind::Conflict;
        assert_eq!(named, [("block_page_title", conflict), ("lang", conflict)]);
    }

    #[test]
    fn a_page_for_help_that_is_checked_is_warned_of() {
        let warned = |builder: ConfigBuilder| {
            let config = builder.build().unwrap();
            let warnings = config.warnings().iter();
            warnings.map(ConfigWarning::option).collect::<Vec<_>>() == ["support_url"]
        };
        assert!(warned(builder().support_url("/help?a=1")));
        for fine in [
            builder().support_url("/help?a=1").uri_exclusion(["/help"]),
            builder().support_url("https://help.example/"),
        ] {
            assert!(!warned(fine));
        }
    }
}

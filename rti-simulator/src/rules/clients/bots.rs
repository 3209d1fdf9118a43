//! Programs that visit whole sites, and browsers that programs control: the name in `User-Agent`, and
//! a whole `User-Agent` as it is sent today.

/// Search engines, previews of links, and monitors. Anyone can claim these names: a real service verifies
/// them by address, which this one does not.
pub(super) const GOOD_BOTS: &[(&str, &str)] = &[
    (
        "Googlebot",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ),
    (
        "AdsBot-Google",
        "AdsBot-Google (+http://www.google.com/adsbot.html)",
    ),
    ("Mediapartners-Google", "Mediapartners-Google"),
    (
        "Google-InspectionTool",
        "Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)",
    ),
    (
        "bingbot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/136.0.0.0 Safari/537.36",
    ),
    (
        "DuckDuckBot",
        "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
    ),
    (
        "Applebot",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    ),
    (
        "YandexBot",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    ),
    (
        "Baiduspider",
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    ),
    (
        "Slurp",
        "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    ),
    (
        "facebookexternalhit",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    ),
    ("Twitterbot", "Twitterbot/1.0"),
    (
        "LinkedInBot",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    ),
    (
        "Slackbot-LinkExpanding",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    ),
    (
        "Discordbot",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    ),
    ("TelegramBot", "TelegramBot (like TwitterBot)"),
    (
        "Pinterestbot",
        "Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)",
    ),
    (
        "UptimeRobot",
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    ),
];

/// Crawlers of data sets and of search engine optimizers.
pub(super) const CRAWLERS: &[(&str, &str)] = &[
    (
        "GPTBot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    ),
    (
        "ClaudeBot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    ),
    (
        "PerplexityBot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
    ),
    (
        "Bytespider",
        "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
    ),
    ("CCBot", "CCBot/2.0 (https://commoncrawl.org/faq/)"),
    (
        "AhrefsBot",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    ),
    (
        "SemrushBot",
        "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    ),
    (
        "MJ12bot",
        "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
    ),
];

/// Frameworks for scraping and for copying whole sites.
pub(super) const SCRAPERS: &[(&str, &str)] = &[
    ("Scrapy", "Scrapy/2.13.3 (+https://scrapy.org)"),
    ("colly", "colly - https://github.com/gocolly/colly/v2"),
    ("Crawlee", "Crawlee/3.13.0"),
];

/// Browsers that programs control, as far as they say so.
pub(super) const HEADLESS_BROWSERS: &[(&str, &str)] = &[
    (
        "HeadlessChrome",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
    ),
    (
        "PhantomJS",
        "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
    ),
    (
        "SlimerJS",
        "Mozilla/5.0 (X11; Linux x86_64; rv:52.0) Gecko/20100101 Firefox/52.0 SlimerJS/1.0.0",
    ),
    (
        "CasperJS",
        "Mozilla/5.0 (X11; Linux x86_64) CasperJS/1.1.4+PhantomJS/2.1.1",
    ),
    (
        "HtmlUnit",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) HtmlUnit/4.5.0",
    ),
    (
        "jsdom",
        "Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/26.1.0",
    ),
    (
        "Puppeteer",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Puppeteer/24.20.0",
    ),
    (
        "Playwright",
        "Playwright/1.55.0 (x64; ubuntu 24.04) node/22.19",
    ),
    ("selenium", "selenium/4.35.0 (python linux)"),
    ("WebDriver", "Mozilla/5.0 (X11; Linux x86_64) WebDriver/1.0"),
];

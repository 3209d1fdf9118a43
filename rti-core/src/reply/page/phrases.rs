//! What the built-in page says, by language. Safe in HTML as they stand.

pub(super) struct Phrases {
    pub(super) title: &'static str,
    pub(super) message: &'static str,
    pub(super) reference: &'static str,
    pub(super) copy: &'static str,
    pub(super) copied: &'static str,
    pub(super) support: &'static str,
}

const ENGLISH: Phrases = Phrases {
    title: "Access denied",
    message: "Your request looks automated, so this page is not shown. If that is wrong, please contact us.",
    reference: "Please quote this reference",
    copy: "Copy",
    copied: "Copied",
    support: "Contact support",
};

const OTHERS: [(&str, Phrases); 6] = [
    (
        "de",
        Phrases {
            title: "Zugriff verweigert",
            message: "Ihre Anfrage sieht automatisiert aus, daher wird diese Seite nicht angezeigt. Wenn das ein Irrtum ist, wenden Sie sich bitte an uns.",
            reference: "Bitte geben Sie diese Referenz an",
            copy: "Kopieren",
            copied: "Kopiert",
            support: "Support kontaktieren",
        },
    ),
    (
        "es",
        Phrases {
            title: "Acceso denegado",
            message: "Su solicitud parece automatizada, por lo que esta página no se muestra. Si se trata de un error, póngase en contacto con nosotros.",
            reference: "Indique esta referencia",
            copy: "Copiar",
            copied: "Copiado",
            support: "Contactar con el soporte",
        },
    ),
    (
        "fr",
        Phrases {
            title: "Accès refusé",
            message: "Votre requête semble automatisée, cette page n’est donc pas affichée. S’il s’agit d’une erreur, veuillez nous contacter.",
            reference: "Veuillez indiquer cette référence",
            copy: "Copier",
            copied: "Copié",
            support: "Contacter l’assistance",
        },
    ),
    (
        "it",
        Phrases {
            title: "Accesso negato",
            message: "La richiesta sembra automatizzata, quindi questa pagina non viene mostrata. Se si tratta di un errore, contattateci.",
            reference: "Indicare questo riferimento",
            copy: "Copia",
            copied: "Copiato",
            support: "Contatta l’assistenza",
        },
    ),
    (
        "nl",
        Phrases {
            title: "Toegang geweigerd",
            message: "Uw verzoek lijkt geautomatiseerd, daarom wordt deze pagina niet getoond. Neem contact met ons op als dit niet klopt.",
            reference: "Vermeld dit kenmerk",
            copy: "Kopiëren",
            copied: "Gekopieerd",
            support: "Contact opnemen",
        },
    ),
    (
        "pt",
        Phrases {
            title: "Acesso negado",
            message: "O seu pedido parece automatizado, por isso esta página não é mostrada. Se for um engano, contacte-nos.",
            reference: "Indique esta referência",
            copy: "Copiar",
            copied: "Copiado",
            support: "Contactar o suporte",
        },
    ),
];

impl Phrases {
    /// The words for a page in this language, and the language that they are in where it is another.
    pub(super) fn of(lang: &str) -> (Self, Option<&'static str>) {
        let primary = lang.split('-').next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("en") {
            return (ENGLISH, None);
        }
        let mut others = OTHERS.into_iter();
        match others.find(|(lang, _)| lang.eq_ignore_ascii_case(primary)) {
            Some((_, words)) => (words, None),
            None => (ENGLISH, Some("en")),
        }
    }
}

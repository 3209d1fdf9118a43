//! What the pages say, by language. Safe in HTML as they stand. The languages are those of the block page.

use serde::Serialize;

/// All texts of one language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Phrases {
    pub(crate) title: &'static str,
    /// Before the browser works.
    pub(crate) work: &'static str,
    /// Before the visitor does.
    pub(crate) task: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) lost_form: &'static str,
    /// Without scripts, where there is no other way.
    pub(crate) scripts_needed: &'static str,
    pub(crate) scripts_off: &'static str,
    /// `{seconds}` stands for a number.
    pub(crate) wait: &'static str,
    pub(crate) proceed: &'static str,
    pub(crate) sending: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) send: &'static str,
    pub(crate) refusals: Refusals,
    pub(crate) script: Script,
}

/// Why a solution was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusals {
    pub(crate) expired: &'static str,
    pub(crate) replayed: &'static str,
    pub(crate) other_visitor: &'static str,
    pub(crate) too_early: &'static str,
    pub(crate) rate_limited: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) failed: &'static str,
}

/// What the page's script says; it finds the texts under these names.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Script {
    pub(crate) done: &'static str,
    pub(crate) no_cookies: &'static str,
    pub(crate) start: &'static str,
    pub(crate) repeated: &'static str,
    pub(crate) unable: &'static str,
    pub(crate) checking: &'static str,
    pub(crate) failed: &'static str,
    /// Beside the box that the visitor checks.
    pub(crate) label: &'static str,
    pub(crate) verified: &'static str,
}

impl Phrases {
    /// The texts for a language tag, and the tag that the page then has: English where there are none.
    pub(crate) fn of(tag: &str) -> (&'static Self, &str) {
        let primary = tag.split('-').next().unwrap_or_default();
        let mut all = ALL.iter();
        match all.find(|(lang, _)| lang.eq_ignore_ascii_case(primary)) {
            Some((_, phrases)) => (phrases, tag),
            None => (&ENGLISH, "en"),
        }
    }
}

const ALL: [(&str, Phrases); 7] = [
    ("en", ENGLISH),
    ("de", GERMAN),
    ("es", SPANISH),
    ("fr", FRENCH),
    ("it", ITALIAN),
    ("nl", DUTCH),
    ("pt", PORTUGUESE),
];

pub(crate) const ENGLISH: Phrases = Phrases {
    title: "One moment, please",
    work: "This site checks that requests come from people. Your browser solves a small task, and you continue to the page. Nothing about you is sent elsewhere.",
    task: "This site checks that requests come from people. Please solve the task below to continue to the page.",
    reference: "Reference",
    lost_form: "What you just sent cannot be kept during the check: it is too long, has files in it, or does not come from a form of this site. You will have to send it again.",
    scripts_needed: "Scripts are turned off in this browser, and the check does not work without them. Please turn them on and reload the page.",
    scripts_off: "Scripts are turned off in this browser, so it cannot solve the task.",
    wait: "You can wait instead: in {seconds} seconds a button appears here.",
    proceed: "Continue",
    sending: "Sending your form",
    send_again: "The check is done. Please send your form once more.",
    send: "Send",
    refusals: Refusals {
        expired: "The check took too long and has expired. A new one was started.",
        replayed: "This check was used before. A new one was started.",
        other_visitor: "Your network changed during the check. A new one was started.",
        too_early: "The waiting time is not over yet.",
        rate_limited: "There were too many checks. Please wait a minute.",
        unavailable: "The check is not available at the moment. Please try again.",
        failed: "The check did not succeed. Please try again.",
    },
    script: Script {
        done: "Done. Taking you to the page.",
        no_cookies: "This check needs cookies, which are turned off in this browser.",
        start: "Please start the check.",
        repeated: "The check was passed a moment ago. If this repeats, allow cookies for this site.",
        unable: "The check cannot run in this browser.",
        checking: "Checking …",
        failed: "The check failed. Please try again.",
        label: "I am not a robot",
        verified: "Verified",
    },
};

const GERMAN: Phrases = Phrases {
    title: "Einen Moment bitte",
    work: "Diese Website prüft, ob Anfragen von Menschen kommen. Ihr Browser löst eine kleine Aufgabe, dann geht es weiter zur Seite. Nichts über Sie wird anderswohin gesendet.",
    task: "Diese Website prüft, ob Anfragen von Menschen kommen. Bitte lösen Sie die folgende Aufgabe, um zur Seite zu gelangen.",
    reference: "Referenz",
    lost_form: "Was Sie gerade gesendet haben, kann während der Prüfung nicht aufbewahrt werden: Es ist zu lang, enthält Dateien oder stammt nicht von einem Formular dieser Website. Sie müssen es noch einmal senden.",
    scripts_needed: "In diesem Browser sind Skripte ausgeschaltet, und ohne sie funktioniert die Prüfung nicht. Bitte schalten Sie sie ein und laden Sie die Seite neu.",
    scripts_off: "In diesem Browser sind Skripte ausgeschaltet, daher kann er die Aufgabe nicht lösen.",
    wait: "Sie können stattdessen warten: In {seconds} Sekunden erscheint hier eine Schaltfläche.",
    proceed: "Weiter",
    sending: "Ihr Formular wird gesendet",
    send_again: "Die Prüfung ist abgeschlossen. Bitte senden Sie Ihr Formular noch einmal.",
    send: "Senden",
    refusals: Refusals {
        expired: "Die Prüfung hat zu lange gedauert und ist abgelaufen. Eine neue wurde gestartet.",
        replayed: "Diese Prüfung wurde schon verwendet. Eine neue wurde gestartet.",
        other_visitor: "Ihr Netzwerk hat sich während der Prüfung geändert. Eine neue wurde gestartet.",
        too_early: "Die Wartezeit ist noch nicht vorbei.",
        rate_limited: "Es gab zu viele Prüfungen. Bitte warten Sie eine Minute.",
        unavailable: "Die Prüfung ist gerade nicht verfügbar. Bitte versuchen Sie es noch einmal.",
        failed: "Die Prüfung war nicht erfolgreich. Bitte versuchen Sie es noch einmal.",
    },
    script: Script {
        done: "Fertig. Sie werden zur Seite weitergeleitet.",
        no_cookies: "Diese Prüfung braucht Cookies, und die sind in diesem Browser ausgeschaltet.",
        start: "Bitte starten Sie die Prüfung.",
        repeated: "Die Prüfung wurde eben bestanden. Wenn sich das wiederholt, erlauben Sie Cookies für diese Website.",
        unable: "Die Prüfung kann in diesem Browser nicht laufen.",
        checking: "Wird geprüft …",
        failed: "Die Prüfung ist fehlgeschlagen. Bitte versuchen Sie es noch einmal.",
        label: "Ich bin kein Roboter",
        verified: "Geprüft",
    },
};

const SPANISH: Phrases = Phrases {
    title: "Un momento, por favor",
    work: "Este sitio comprueba que las solicitudes proceden de personas. Su navegador resuelve una pequeña tarea y usted continúa a la página. No se envía nada sobre usted a otro lugar.",
    task: "Este sitio comprueba que las solicitudes proceden de personas. Resuelva la siguiente tarea para continuar a la página.",
    reference: "Referencia",
    lost_form: "Lo que acaba de enviar no se puede guardar durante la comprobación: es demasiado largo, contiene archivos o no procede de un formulario de este sitio. Tendrá que enviarlo de nuevo.",
    scripts_needed: "Los scripts están desactivados en este navegador y la comprobación no funciona sin ellos. Actívelos y vuelva a cargar la página.",
    scripts_off: "Los scripts están desactivados en este navegador, por lo que no puede resolver la tarea.",
    wait: "Puede esperar: dentro de {seconds} segundos aparecerá aquí un botón.",
    proceed: "Continuar",
    sending: "Enviando su formulario",
    send_again: "La comprobación ha terminado. Envíe su formulario otra vez.",
    send: "Enviar",
    refusals: Refusals {
        expired: "La comprobación ha tardado demasiado y ha caducado. Se ha iniciado otra.",
        replayed: "Esta comprobación ya se había usado. Se ha iniciado otra.",
        other_visitor: "Su red ha cambiado durante la comprobación. Se ha iniciado otra.",
        too_early: "El tiempo de espera aún no ha terminado.",
        rate_limited: "Ha habido demasiadas comprobaciones. Espere un minuto.",
        unavailable: "La comprobación no está disponible en este momento. Inténtelo de nuevo.",
        failed: "La comprobación no se ha superado. Inténtelo de nuevo.",
    },
    script: Script {
        done: "Listo. Le llevamos a la página.",
        no_cookies: "Esta comprobación necesita cookies, que están desactivadas en este navegador.",
        start: "Inicie la comprobación.",
        repeated: "La comprobación se superó hace un momento. Si esto se repite, permita las cookies de este sitio.",
        unable: "La comprobación no puede ejecutarse en este navegador.",
        checking: "Comprobando …",
        failed: "La comprobación ha fallado. Inténtelo de nuevo.",
        label: "No soy un robot",
        verified: "Verificado",
    },
};

const FRENCH: Phrases = Phrases {
    title: "Un instant, s’il vous plaît",
    work: "Ce site vérifie que les requêtes viennent de personnes. Votre navigateur résout une petite tâche, puis vous accédez à la page. Rien sur vous n’est envoyé ailleurs.",
    task: "Ce site vérifie que les requêtes viennent de personnes. Veuillez résoudre la tâche ci-dessous pour accéder à la page.",
    reference: "Référence",
    lost_form: "Ce que vous venez d’envoyer ne peut pas être conservé pendant la vérification : c’est trop long, cela contient des fichiers ou cela ne vient pas d’un formulaire de ce site. Vous devrez l’envoyer à nouveau.",
    scripts_needed: "Les scripts sont désactivés dans ce navigateur, et la vérification ne fonctionne pas sans eux. Veuillez les activer et recharger la page.",
    scripts_off: "Les scripts sont désactivés dans ce navigateur, il ne peut donc pas résoudre la tâche.",
    wait: "Vous pouvez attendre : dans {seconds} secondes, un bouton apparaîtra ici.",
    proceed: "Continuer",
    sending: "Envoi de votre formulaire",
    send_again: "La vérification est terminée. Veuillez envoyer votre formulaire une nouvelle fois.",
    send: "Envoyer",
    refusals: Refusals {
        expired: "La vérification a pris trop de temps et a expiré. Une nouvelle a été lancée.",
        replayed: "Cette vérification a déjà été utilisée. Une nouvelle a été lancée.",
        other_visitor: "Votre réseau a changé pendant la vérification. Une nouvelle a été lancée.",
        too_early: "Le temps d’attente n’est pas encore écoulé.",
        rate_limited: "Il y a eu trop de vérifications. Veuillez attendre une minute.",
        unavailable: "La vérification n’est pas disponible pour le moment. Veuillez réessayer.",
        failed: "La vérification n’a pas réussi. Veuillez réessayer.",
    },
    script: Script {
        done: "C’est fait. Vous allez accéder à la page.",
        no_cookies: "Cette vérification a besoin de cookies, qui sont désactivés dans ce navigateur.",
        start: "Veuillez lancer la vérification.",
        repeated: "La vérification vient d’être réussie. Si cela se répète, autorisez les cookies pour ce site.",
        unable: "La vérification ne peut pas fonctionner dans ce navigateur.",
        checking: "Vérification …",
        failed: "La vérification a échoué. Veuillez réessayer.",
        label: "Je ne suis pas un robot",
        verified: "Vérifié",
    },
};

const ITALIAN: Phrases = Phrases {
    title: "Un momento, per favore",
    work: "Questo sito verifica che le richieste provengano da persone. Il browser risolve un piccolo compito e poi si passa alla pagina. Nulla che la riguardi viene inviato altrove.",
    task: "Questo sito verifica che le richieste provengano da persone. Risolva il compito qui sotto per passare alla pagina.",
    reference: "Riferimento",
    lost_form: "Ciò che ha appena inviato non può essere conservato durante la verifica: è troppo lungo, contiene file o non proviene da un modulo di questo sito. Dovrà inviarlo di nuovo.",
    scripts_needed: "Gli script sono disattivati in questo browser e la verifica non funziona senza di essi. Li attivi e ricarichi la pagina.",
    scripts_off: "Gli script sono disattivati in questo browser, che quindi non può risolvere il compito.",
    wait: "In alternativa può attendere: tra {seconds} secondi qui comparirà un pulsante.",
    proceed: "Continua",
    sending: "Invio del modulo",
    send_again: "La verifica è terminata. Invii il modulo ancora una volta.",
    send: "Invia",
    refusals: Refusals {
        expired: "La verifica ha richiesto troppo tempo ed è scaduta. Ne è stata avviata una nuova.",
        replayed: "Questa verifica è già stata usata. Ne è stata avviata una nuova.",
        other_visitor: "La rete è cambiata durante la verifica. Ne è stata avviata una nuova.",
        too_early: "Il tempo di attesa non è ancora terminato.",
        rate_limited: "Ci sono state troppe verifiche. Attenda un minuto.",
        unavailable: "La verifica non è disponibile al momento. Riprovi.",
        failed: "La verifica non è riuscita. Riprovi.",
    },
    script: Script {
        done: "Fatto. La pagina si sta aprendo.",
        no_cookies: "Questa verifica richiede i cookie, che sono disattivati in questo browser.",
        start: "Avvii la verifica.",
        repeated: "La verifica è stata superata un momento fa. Se si ripete, consenta i cookie per questo sito.",
        unable: "La verifica non può essere eseguita in questo browser.",
        checking: "Verifica in corso …",
        failed: "La verifica non è riuscita. Riprovi.",
        label: "Non sono un robot",
        verified: "Verificato",
    },
};

const DUTCH: Phrases = Phrases {
    title: "Een ogenblik geduld",
    work: "Deze site controleert of verzoeken van mensen komen. Uw browser lost een kleine taak op en daarna gaat u verder naar de pagina. Er wordt niets over u naar elders gestuurd.",
    task: "Deze site controleert of verzoeken van mensen komen. Los de onderstaande taak op om verder te gaan naar de pagina.",
    reference: "Kenmerk",
    lost_form: "Wat u zojuist hebt verzonden, kan tijdens de controle niet worden bewaard: het is te lang, bevat bestanden of komt niet van een formulier van deze site. U moet het opnieuw verzenden.",
    scripts_needed: "Scripts zijn uitgeschakeld in deze browser en de controle werkt niet zonder. Schakel ze in en laad de pagina opnieuw.",
    scripts_off: "Scripts zijn uitgeschakeld in deze browser, dus die kan de taak niet oplossen.",
    wait: "U kunt ook wachten: over {seconds} seconden verschijnt hier een knop.",
    proceed: "Doorgaan",
    sending: "Uw formulier wordt verzonden",
    send_again: "De controle is klaar. Verzend uw formulier nog een keer.",
    send: "Verzenden",
    refusals: Refusals {
        expired: "De controle duurde te lang en is verlopen. Er is een nieuwe gestart.",
        replayed: "Deze controle is al gebruikt. Er is een nieuwe gestart.",
        other_visitor: "Uw netwerk is tijdens de controle veranderd. Er is een nieuwe gestart.",
        too_early: "De wachttijd is nog niet voorbij.",
        rate_limited: "Er zijn te veel controles geweest. Wacht een minuut.",
        unavailable: "De controle is op dit moment niet beschikbaar. Probeer het opnieuw.",
        failed: "De controle is niet gelukt. Probeer het opnieuw.",
    },
    script: Script {
        done: "Klaar. U gaat nu naar de pagina.",
        no_cookies: "Deze controle heeft cookies nodig, en die zijn uitgeschakeld in deze browser.",
        start: "Start de controle.",
        repeated: "De controle is zojuist gelukt. Gebeurt dit vaker, sta dan cookies toe voor deze site.",
        unable: "De controle kan niet worden uitgevoerd in deze browser.",
        checking: "Controleren …",
        failed: "De controle is mislukt. Probeer het opnieuw.",
        label: "Ik ben geen robot",
        verified: "Gecontroleerd",
    },
};

const PORTUGUESE: Phrases = Phrases {
    title: "Um momento, por favor",
    work: "Este site verifica se os pedidos vêm de pessoas. O seu navegador resolve uma pequena tarefa e depois continua para a página. Nada sobre si é enviado para outro lugar.",
    task: "Este site verifica se os pedidos vêm de pessoas. Resolva a tarefa abaixo para continuar para a página.",
    reference: "Referência",
    lost_form: "O que acabou de enviar não pode ser guardado durante a verificação: é demasiado longo, contém ficheiros ou não vem de um formulário deste site. Terá de o enviar de novo.",
    scripts_needed: "Os scripts estão desativados neste navegador e a verificação não funciona sem eles. Ative-os e recarregue a página.",
    scripts_off: "Os scripts estão desativados neste navegador, por isso ele não pode resolver a tarefa.",
    wait: "Também pode esperar: dentro de {seconds} segundos aparece aqui um botão.",
    proceed: "Continuar",
    sending: "A enviar o seu formulário",
    send_again: "A verificação terminou. Envie o seu formulário mais uma vez.",
    send: "Enviar",
    refusals: Refusals {
        expired: "A verificação demorou demasiado e expirou. Foi iniciada uma nova.",
        replayed: "Esta verificação já foi usada. Foi iniciada uma nova.",
        other_visitor: "A sua rede mudou durante a verificação. Foi iniciada uma nova.",
        too_early: "O tempo de espera ainda não terminou.",
        rate_limited: "Houve demasiadas verificações. Espere um minuto.",
        unavailable: "A verificação não está disponível neste momento. Tente de novo.",
        failed: "A verificação não foi bem-sucedida. Tente de novo.",
    },
    script: Script {
        done: "Concluído. Vai ser levado para a página.",
        no_cookies: "Esta verificação precisa de cookies, que estão desativados neste navegador.",
        start: "Inicie a verificação.",
        repeated: "A verificação foi concluída há um momento. Se isto se repetir, permita cookies para este site.",
        unable: "A verificação não pode ser executada neste navegador.",
        checking: "A verificar …",
        failed: "A verificação falhou. Tente de novo.",
        label: "Não sou um robô",
        verified: "Verificado",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_by_its_language_and_another_one_is_english() {
        assert_eq!(Phrases::of("pt-BR"), (&PORTUGUESE, "pt-BR"));
        assert_eq!(Phrases::of("DE").0, &GERMAN);
        assert_eq!(Phrases::of("ja"), (&ENGLISH, "en"));
        assert_eq!(Phrases::of(""), (&ENGLISH, "en"));
    }

    #[test]
    fn every_language_says_how_long_to_wait_and_is_safe_in_html() {
        for (lang, phrases) in &ALL {
            assert_eq!(phrases.wait.matches("{seconds}").count(), 1, "{lang}");
            let all = format!("{phrases:?}");
            assert!(!all.contains(['<', '>', '&', '\'']), "{lang}");
        }
    }
}

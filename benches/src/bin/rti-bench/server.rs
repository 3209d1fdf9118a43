//! A server that is measured, in a process of its own: what it takes in time, memory and
//! descriptors is then its own, and a round cannot leave anything behind for the next one's.

mod actix;
mod axum;
mod control;
mod rocket;
mod setup;

pub(crate) use self::control::{Options, Server};
use self::setup::Setup;
pub(crate) use self::setup::body;
use crate::process;
use crate::subject::Framework;

/// The child's whole life: serves until its standard input ends.
pub(crate) fn serve(options: &Options) {
    if let Some(processor) = options.processor {
        process::keep_to(processor);
    }
    let setup = Setup::new(options);
    let framework = options.subject.framework;
    match framework {
        // Its workers have runtimes of their own.
        Framework::Actix => actix::serve(setup),
        Framework::Axum | Framework::Rocket => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .expect("a runtime can be built");
            control::watch_tasks(runtime.handle().clone());
            let _entered = runtime.enter();
            // Spawned, as what runs in `block_on` runs beside the one worker.
            let serving = match framework {
                Framework::Axum => tokio::spawn(axum::serve(setup)),
                _ => tokio::spawn(rocket::serve(setup)),
            };
            runtime.block_on(serving).expect("a server does not panic");
        }
    }
}

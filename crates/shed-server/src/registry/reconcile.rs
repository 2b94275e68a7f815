//! Once a minute everything is compared with what is really there, in case something was missed, and measured.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use shed_core::{ShedName, guest::SessionProcesses, wire::Resources};

use crate::{app::App, engine::Container, guest::GuestClient};

/// Over how long the use of the processor is measured.
const SAMPLE: Duration = Duration::from_millis(200);

/// How many sheds are measured at once.
const AT_ONCE: usize = 16;

impl App {
    /// Compares and measures.
    pub(crate) async fn reconcile(self: &Arc<Self>) {
        self.sync_all().await;
        for (container, guest) in self.registry.connected() {
            if let Err(error) = self.list_by_guest(&container, &guest).await {
                tracing::debug!(%error, shed = %container.shed, "a shed could not be compared");
            }
        }
        self.measure(None).await;
    }

    /// Measures what the sessions use, of one shed or of all with a guest; it is in the view afterwards.
    pub(crate) async fn measure(&self, shed: Option<&ShedName>) {
        let connected = self.registry.connected().into_iter().filter(|(container, _)| shed.is_none_or(|shed| *shed == container.shed));
        stream::iter(connected).for_each_concurrent(AT_ONCE, |(container, guest)| self.measure_one(container, guest)).await;
    }

    async fn measure_one(&self, container: Container, guest: GuestClient) {
        match guest.processes(SAMPLE).await {
            Ok(processes) => {
                let by_tmux_id = processes.sessions.into_iter().map(|session| (session.tmux_id.clone(), resources(&session))).collect();
                self.registry.measured(&container, &by_tmux_id);
            }
            Err(error) => tracing::debug!(%error, shed = %container.shed, "a shed could not be measured"),
        }
    }
}

/// What a guest says of itself has to make sense in JSON.
fn resources(of: &SessionProcesses) -> Resources {
    let cpu_percent = if of.cpu_percent.is_finite() { of.cpu_percent.max(0.0) } else { 0.0 };
    Resources { cpu_percent: (cpu_percent * 10.0).round() / 10.0, memory_bytes: of.memory_bytes, processes: of.processes }
}

/// Resources by tmux's id.
pub(super) type ByTmuxId = BTreeMap<String, Resources>;

//! How the service is, told to whoever started it: the messages of systemd's `sd_notify(3)`.
//!
//! Where `NOTIFY_SOCKET` is not set there is nobody to tell, and nothing is done. A thread of its own sends, so that
//! a manager that takes nothing holds up neither requests nor the end; what it does not take in time is dropped.
//! The environment is only read: it belongs to all threads.

use sd_notify::NotifyState;
use std::{
    sync::{
        mpsc::{sync_channel, Receiver, SyncSender},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    thread,
    time::Duration,
};
use tokio::time::{interval, MissedTickBehavior};
use tokio_util::task::AbortOnDropHandle;

/// How many messages wait for a manager that is busy.
const WAITING: usize = 16;

/// The longest a state can be extended at once, by the width of the field.
const LONGEST: Duration = Duration::from_micros(u32::MAX as u64);

/// Whoever started the service, if it wants to be told.
#[derive(Clone, Debug, Default)]
pub(super) struct Supervisor {
    told: Option<Arc<Told>>,
}

#[derive(Debug)]
struct Told {
    messages: SyncSender<Message>,
    phase: Mutex<Phase>,
}

/// What has been said so far: each phase allows only some messages.
#[derive(Debug, PartialEq)]
enum Phase {
    Starting,
    /// So many reloads are under way.
    Serving(usize),
    Stopping,
}

#[derive(Debug, PartialEq, Eq)]
enum Message {
    Ready(String),
    Reloading,
    Stopping { within: Duration },
    Status(String),
    Alive,
}

/// A reload under way; the service is ready again when the last one is dropped.
#[derive(Debug)]
pub(super) struct Reloading {
    supervisor: Supervisor,
    status: String,
}

impl Supervisor {
    /// As the environment of the process says.
    pub(super) fn of_process() -> Self {
        if std::env::var_os("NOTIFY_SOCKET").is_none() {
            return Self::default();
        }
        let (supervisor, messages) = Self::telling();
        let sending = thread::Builder::new().name("ops-notify".to_owned()).spawn(move || send(&messages));
        if let Err(error) = sending {
            tracing::warn!(name: "supervisor.no_thread", error = %error, "the service manager is told nothing");
        }
        supervisor
    }

    fn telling() -> (Self, Receiver<Message>) {
        let (messages, sent) = sync_channel(WAITING);
        (Self { told: Some(Arc::new(Told { messages, phase: Mutex::new(Phase::Starting) })) }, sent)
    }

    /// Requests are taken.
    pub(super) fn ready(&self, status: String) {
        let Some(told) = &self.told else { return };
        *told.phase() = Phase::Serving(0);
        told.tell(Message::Ready(status));
    }

    /// A reload begins. Told each time, as the manager waits for one that is younger than its own request.
    pub(super) fn reloading(&self) -> Reloading {
        if let Some(told) = &self.told {
            if let Phase::Serving(reloads) = &mut *told.phase() {
                *reloads += 1;
                told.tell(Message::Reloading);
            }
        }
        Reloading { supervisor: self.clone(), status: String::new() }
    }

    /// The end begins, and will take no longer than this.
    pub(super) fn stopping(&self, within: Duration) {
        let Some(told) = &self.told else { return };
        *told.phase() = Phase::Stopping;
        told.tell(Message::Stopping { within });
    }

    /// What is going on, in words.
    pub(super) fn status(&self, text: String) {
        if let Some(told) = &self.told {
            told.tell(Message::Status(text));
        }
    }

    /// Keeps the manager's watchdog calm for as long as the runtime that is current now runs its tasks and its timers:
    /// the one that serves requests. Twice as often as asked for, as `sd_watchdog_enabled(3)` recommends.
    pub(super) fn watch(&self) -> Option<AbortOnDropHandle<()>> {
        let told = Arc::clone(self.told.as_ref()?);
        let every = sd_notify::watchdog_enabled().map(|within| within / 2).filter(|every| !every.is_zero())?;
        Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                told.tell(Message::Alive);
            }
        })))
    }
}

impl Reloading {
    /// What is in force when it has ended.
    pub(super) fn ends_with(&mut self, status: String) {
        self.status = status;
    }
}

impl Drop for Reloading {
    fn drop(&mut self) {
        let Some(told) = &self.supervisor.told else { return };
        if let Phase::Serving(reloads) = &mut *told.phase() {
            // One that began before the service was ready was not told.
            if *reloads > 0 {
                *reloads -= 1;
                let status = std::mem::take(&mut self.status);
                told.tell(if *reloads == 0 { Message::Ready(status) } else { Message::Status(status) });
            }
        }
    }
}

impl Told {
    fn tell(&self, message: Message) {
        // Full is a manager that takes nothing; closed is one that could not be told from the start.
        let _ = self.messages.try_send(message);
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends what comes until nobody is left who could say anything.
fn send(messages: &Receiver<Message>) {
    let mut is_well = true;
    for message in messages {
        let sent = match &message {
            Message::Ready(status) if status.is_empty() => sd_notify::notify(&[NotifyState::Ready]),
            Message::Ready(status) => sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(status)]),
            Message::Reloading => NotifyState::monotonic_usec_now()
                .and_then(|now| sd_notify::notify(&[NotifyState::Reloading, now, NotifyState::Status("reloading")])),
            Message::Stopping { within } => {
                let within = u32::try_from(within.min(&LONGEST).as_micros()).unwrap_or(u32::MAX);
                let extend = NotifyState::ExtendTimeoutUsec(within);
                sd_notify::notify(&[NotifyState::Stopping, extend, NotifyState::Status("shutting down")])
            }
            Message::Status(status) => sd_notify::notify(&[NotifyState::Status(status)]),
            Message::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
        };
        if let Err(error) = &sent {
            if is_well {
                tracing::warn!(name: "supervisor.unheard", error = %error, "the service manager cannot be told");
            }
        }
        is_well = sent.is_ok();
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, Supervisor};
    use std::time::Duration;

    #[test]
    fn reloads_are_told_once_the_service_is_ready_and_until_it_stops() {
        let (supervisor, messages) = Supervisor::telling();
        let told = || messages.try_iter().collect::<Vec<_>>();
        drop(supervisor.reloading());
        assert_eq!(told(), [], "the start is no reload");

        supervisor.ready("serving".to_owned());
        assert_eq!(told(), [Message::Ready("serving".to_owned())]);
        let (mut one, mut two) = (supervisor.reloading(), supervisor.reloading());
        assert_eq!(told(), [Message::Reloading, Message::Reloading]);
        one.ends_with("2".to_owned());
        drop(one);
        assert_eq!(told(), [Message::Status("2".to_owned())], "another is under way");
        two.ends_with("3".to_owned());
        drop(two);
        assert_eq!(told(), [Message::Ready("3".to_owned())]);

        let late = supervisor.reloading();
        supervisor.stopping(Duration::from_secs(30));
        drop(late);
        let stopping = Message::Stopping { within: Duration::from_secs(30) };
        assert_eq!(told(), [Message::Reloading, stopping], "who stops is not ready again");
    }

    #[test]
    fn a_manager_that_takes_nothing_is_not_waited_for() {
        let (supervisor, messages) = Supervisor::telling();
        for number in 0..100 {
            supervisor.status(number.to_string());
        }
        assert_eq!(messages.try_iter().next(), Some(Message::Status("0".to_owned())));
    }
}

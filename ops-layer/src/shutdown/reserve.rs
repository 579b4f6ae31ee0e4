//! The next addresses of listeners that change together.

use super::{bound::Reserved, door::Door, ListenerSlot};
use std::{
    io::{self, ErrorKind::AddrInUse},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::time::sleep;

/// How long a listener of ours that has just been replaced may take to let go of its port.
const LETTING_GO: Duration = Duration::from_millis(100);
/// How often it is looked whether it has.
const STEP: Duration = Duration::from_millis(2);

/// Reserves the next address of each listener, in the order given; none where the address stays.
/// Nothing is touched: dropping what comes back undoes it.
///
/// What one of them leaves another can have in the same change. The very socket is handed over then, so
/// the address is open all the time; where addresses only overlap, such as `0.0.0.0:8080` and
/// `127.0.0.1:8080`, both are open for a moment. An address that was left earlier and is still open is
/// handed over as well: nobody may serve yet, or the loop there has connections to take first.
///
/// # Errors
/// For each, when the system refuses its address: somebody else holds it, it is not an address of this machine.
pub async fn reserve(moves: &[(&ListenerSlot, SocketAddr)]) -> Vec<io::Result<Option<Reserved>>> {
    let moving = moves.iter().filter(|(slot, wanted)| !slot.is_at(*wanted));
    let mut leaving: Vec<_> = moving.filter_map(|(slot, _)| slot.door()).collect();
    let mut left: Vec<_> = moves.iter().flat_map(|(slot, _)| slot.left()).collect();
    // Handed over first: what goes to one as it is must not be shared with a second.
    let handed = |(slot, wanted): &(&ListenerSlot, SocketAddr)| {
        let fits = |(_, local): &(Arc<Door>, SocketAddr)| local == wanted && !slot.is_at(*wanted);
        let among = |doors: &mut Vec<_>| Some(doors.swap_remove(doors.iter().position(fits)?));
        let (door, _) = among(&mut leaving).or_else(|| among(&mut left))?;
        Some(Reserved::handed(*wanted, door))
    };
    let handed: Vec<_> = moves.iter().map(handed).collect();
    let mut reserved = Vec::with_capacity(moves.len());
    for ((slot, wanted), handed) in moves.iter().zip(handed) {
        reserved.push(match handed {
            None if slot.is_at(*wanted) => Ok(None),
            None => match slot.inherited(*wanted) {
                Ok(Some(door)) => Ok(Some(Reserved::handed(*wanted, door))),
                Ok(None) => open(*wanted, &leaving, moves).await.map(Some),
                Err(error) => Err(error),
            },
            handed => Ok(handed),
        });
    }
    reserved
}

async fn open(
    wanted: SocketAddr,
    leaving: &[(Arc<Door>, SocketAddr)],
    moves: &[(&ListenerSlot, SocketAddr)],
) -> io::Result<Reserved> {
    let is_in_use = |reserved: &io::Result<Reserved>| reserved.as_ref().is_err_and(|error| error.kind() == AddrInUse);
    let beside = leaving.iter().filter(|(_, local)| local.port() == wanted.port());
    let beside: Vec<_> = beside.map(|(door, _)| Arc::clone(door)).collect();
    let mut rested = Duration::ZERO;
    loop {
        let mut reserved = Reserved::free(wanted);
        if is_in_use(&reserved) && !beside.is_empty() {
            reserved = Reserved::beside(wanted, beside.clone());
        }
        if !is_in_use(&reserved) || rested >= LETTING_GO || !is_closing(wanted.port(), moves) {
            return reserved;
        }
        // Back to the address of a moment ago: its loop is just about to close it.
        sleep(STEP).await;
        rested += STEP;
    }
}

/// Whether a door at this port has been left and is not closed yet. One that was handed over stays.
fn is_closing(port: u16, moves: &[(&ListenerSlot, SocketAddr)]) -> bool {
    moves.iter().flat_map(|(slot, _)| slot.left()).any(|(_, local)| local.port() == port)
}

//! Statuses of gRPC, by their names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A status of gRPC (`grpc/doc/statuscodes.md` of the gRPC project).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrpcStatus {
    /// 0, no error.
    Ok,
    /// 1, given up by the caller.
    Cancelled,
    /// 2, an error that nothing else is known of.
    Unknown,
    /// 3, an argument that is wrong whatever the state of the system.
    InvalidArgument,
    /// 4, the time was up.
    DeadlineExceeded,
    /// 5, what was asked for is not there.
    NotFound,
    /// 6, what was to be made is there already.
    AlreadyExists,
    /// 7, the caller may not.
    PermissionDenied,
    /// 8, a quota or a resource is used up.
    ResourceExhausted,
    /// 9, the system is not in the state that the call needs.
    FailedPrecondition,
    /// 10, given up because of another call at the same time.
    Aborted,
    /// 11, beyond the end.
    OutOfRange,
    /// 12, there is no such method.
    Unimplemented,
    /// 13, an error of the server.
    Internal,
    /// 14, the service cannot be reached just now.
    Unavailable,
    /// 15, data is lost for good.
    DataLoss,
    /// 16, the caller is not known.
    Unauthenticated,
}

impl GrpcStatus {
    /// Those that say something is wrong with the server, and not with the call.
    pub const OF_SERVERS: [Self; 5] =
        [Self::Unknown, Self::DeadlineExceeded, Self::Internal, Self::Unavailable, Self::DataLoss];

    /// Its number, as it stands in `grpc-status`.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

mod database_kind;
mod printing;
mod routes;
mod secrets;

mod printing;
mod routes;
mod secrets;

//! What can be told of a database's address from its text.

use super::super::{AddressFault, DatabaseKind};
use proptest::prelude::*;

fn fault(url: &str) -> Option<AddressFault<'_>> {
    DatabaseKind::of(url).expect("a scheme that is known").fault(url)
}

#[test]
fn each_scheme_names_its_kind() {
    let kinds =
        ["sqlite::memory:", "postgres://h/d", "postgresql://h", "mysql://h", "mariadb://h"].map(DatabaseKind::of);
    let [sqlite, postgres, mysql] = [DatabaseKind::Sqlite, DatabaseKind::Postgres, DatabaseKind::MySql].map(Some);
    assert_eq!(kinds, [sqlite, postgres, postgres, mysql, mysql]);
    for none in ["", "postgres", "postgres:", "POSTGRES://h", "mssql://h", "jdbc:postgresql://h"] {
        assert_eq!(DatabaseKind::of(none), None, "{none}");
    }
}

#[test]
fn an_address_as_its_scheme_asks_has_no_fault() {
    for url in [
        "postgres://app:p%2Fw%40@db.internal:5432/shop?sslmode=verify-full&options[search_path]=a",
        "postgres://app@[::1]:5432/shop",
        "postgres:///shop?host=/run/postgresql",
        "postgresql://a:p@ss@h/d?application_name=a%40b",
        "postgres://h:/d",
        "mysql://app:pw@db/shop?ssl-mode=REQUIRED",
        "mariadb://app@localhost?socket=/run/mysqld/mysqld.sock&",
        "sqlite://any#thing@all?whatever",
    ] {
        assert_eq!(fault(url), None, "{url}");
    }
}

#[test]
fn what_is_wrong_with_an_address_is_told_apart() {
    use AddressFault::{Control, NoHost, Parameter, Port, Unencoded};
    for (url, what) in [
        ("postgres:shop", NoHost),
        ("mysql:/db/shop", NoHost),
        ("postgres://app:a\nb@h/d", Control),
        ("postgres://app:a#b@h/d", Unencoded),
        ("postgres://app:1/b@h/d", Unencoded),
        ("mysql://app:a/b@h/d", Unencoded),
        ("mysql://app:a?b@h/d", Unencoded),
        ("mysql://h:99999/d", Port),
        ("mysql://h:+5/d", Port),
        ("mysql://[::1]:x/d", Port),
        ("postgres://app:a@h?user=b@h/d", Unencoded),
        ("mysql://h/d?1", Parameter("1")),
        ("postgres://h/d?sslmod=require", Parameter("sslmod")),
        ("postgres://h/d?pass%77ord=a", Parameter("pass%77ord")),
        ("mysql://h/d?password=a", Parameter("password")),
    ] {
        assert_eq!(fault(url), Some(what), "{url}");
    }
}

proptest! {
    /// Feature: production-excellence, Property 25: a password that is not percent-encoded never gets past the check
    /// as part of a host, a port, a database or a parameter, where an error would name it.
    #[test]
    fn a_password_is_never_taken_for_another_part(
        scheme in "postgres|mysql", password in "[A-Za-z0-9/?#@:=&%]{1,24}", rest in "[a-z]{1,8}(:[0-9]{1,4})?(/[a-z]{1,8})?",
    ) {
        let url = format!("{scheme}://app:{password}@{rest}");
        if fault(&url).is_none() {
            let authority = url.split("//").nth(1).unwrap().split(['/', '?']).next().unwrap();
            let credentials = authority.rsplit_once('@').map(|(credentials, _)| credentials.to_owned());
            prop_assert_eq!(credentials, Some(format!("app:{password}")));
        }
    }
}

use super::Code;

#[test]
fn codes_rise() {
    assert!(Code::ALL.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn a_code_reads_back_as_it_prints() {
    for code in Code::ALL {
        assert_eq!(code.to_string().parse(), Ok(*code));
        assert_eq!(code.to_string().to_lowercase().parse(), Ok(*code));
    }
    assert_eq!(Code::InvalidValue.to_string(), "OPS103");
    assert!("OPS1".parse::<Code>().is_err());
}

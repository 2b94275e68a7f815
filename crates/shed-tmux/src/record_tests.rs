use proptest::prelude::*;

use super::*;

/// What tmux's substitutions make of a text.
fn encode(text: &str) -> String {
    text.replace('%', "%25").replace('|', "%7C").replace('\\', "%5C").replace('\n', "%0A").replace('\r', "%0D")
}

/// What tmux 3.4 and newer make of control characters in what they print.
fn vis(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\x07' => "\\a".to_owned(),
            '\x08' => "\\b".to_owned(),
            '\x0b' => "\\v".to_owned(),
            '\x0c' => "\\f".to_owned(),
            c if c.is_ascii_control() && c != '\n' && c != '\t' => format!("\\{:03o}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

fn line(name: &str) -> String {
    format!("{MARK}{}|{}\n", vec!["x"; FIELDS - 1].join("|"), name)
}

#[test]
fn noise_before_the_first_record_is_no_record() {
    assert_eq!(records(b"").unwrap().len(), 0);
    assert_eq!(records(format!("warning: x\n{}", line("a")).as_bytes()).unwrap().len(), 1);
    assert!(records(format!("{MARK}a|b\n").as_bytes()).is_err());
}

#[test]
fn a_line_without_the_mark_goes_on_with_the_one_before() {
    let got = records(format!("{}{}", line("a\nb"), line("c")).as_bytes()).unwrap();
    assert_eq!(got.iter().map(|r| r[FIELDS - 1].as_str()).collect::<Vec<_>>(), ["a\nb", "c"]);
}

proptest! {
    #[test]
    fn any_text_comes_back_from_old_and_new_tmux(texts in proptest::collection::vec(r"[%|\\\n\ra-f0-9\x01-\x1f]{0,12}|\PC*", 1..5)) {
        let old: String = texts.iter().map(|t| line(&encode(t))).collect();
        let new: String = texts.iter().map(|t| line(&vis(&encode(t)))).collect();
        for output in [old, new] {
            let got: Vec<String> = records(output.as_bytes()).unwrap().into_iter().map(|r| r[FIELDS - 1].clone()).collect();
            prop_assert_eq!(&got, &texts);
        }
    }

    #[test]
    fn no_output_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = records(&bytes);
        let mut marked = MARK.as_bytes().to_vec();
        marked.extend(bytes);
        let _ = records(&marked);
    }
}

use std::fmt::Write as _;

use super::{JsonFault, Text, Value, object};

/// What the scanner makes of a text, as a text.
fn scan(text: &str) -> Result<String, JsonFault> {
    let mut seen = String::new();
    object::<JsonFault>(text, |name, value| {
        let value = match value {
            Value::String(text) => format!("{:?}", text.unescape()),
            Value::Number(number) => number.to_owned(),
            Value::True => "true".to_owned(),
            Value::False => "false".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Array(span) | Value::Object(span) => span.as_text().to_owned(),
        };
        write!(seen, "{}={value};", name.unescape()).unwrap();
        Ok(())
    })?;
    Ok(seen)
}

fn fault(text: &str) -> JsonFault {
    scan(text).expect_err(text)
}

#[test]
fn an_object_is_read_in_order() {
    assert_eq!(scan("{}").unwrap(), "");
    assert_eq!(scan(" { } ").unwrap(), "");
    assert_eq!(
        scan(
            r#" { "a" : 1 , "b":[1,{"c":[]}] ,"d":{"e":{},"f":"g"}, "h":true,"i":false,"j":null} "#
        )
        .unwrap(),
        r#"a=1;b=[1,{"c":[]}];d={"e":{},"f":"g"};h=true;i=false;j=null;"#
    );
}

#[test]
fn only_an_object_is_read() {
    for text in ["[]", "[1]", "1", "\"a\"", "null", "", " ", "\u{feff}{}"] {
        assert_eq!(fault(text), JsonFault::NotAnObject, "{text:?}");
    }
}

#[test]
fn bytes_after_the_object_are_refused() {
    for text in ["{}{}", "{} x", "{},", "{}\0", "{}}"] {
        assert_eq!(fault(text), JsonFault::Trailing, "{text:?}");
    }
}

#[test]
fn what_is_not_in_the_grammar_is_refused() {
    for text in [
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":undefined}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":-}",
        "{\"a\":0x1}",
        "{\"a\":1_0}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1}",
        "{\"a\":[1}}",
        "{\"a\":{\"b\":1]}",
        "{\"a\":{\"b\"}}",
        "{\"a\":{\"b\":1,}}",
        "{\"a\":{1:1}}",
        "{\"a\":[}",
        "{\"a\":[]",
        "{\"a\":\"b}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"0123456\u{1f}\"}",
        "{\"a\":\"b\\\"}",
        "{/**/}",
        "{\"a\":1}//",
        "{\u{a0}}",
    ] {
        let fault = fault(text);
        assert!(matches!(fault, JsonFault::Syntax | JsonFault::Trailing), "{text:?}: {fault}");
    }
}

#[test]
fn numbers_follow_the_grammar() {
    for number in
        ["0", "-0", "10", "1.5", "-1.25e10", "1E+5", "1e-5", "0.0", "123456789012345678901"]
    {
        let text = format!("{{\"a\":{number}}}");
        assert_eq!(scan(&text).unwrap(), format!("a={number};"));
    }
}

#[test]
fn numbers_are_those_that_a_double_can_hold() {
    let digits = |count| "9".repeat(count);
    for number in ["1e308", "-1.7976931348623157e308", "1e-400", "0e400", "-0.0E99999999999"] {
        assert!(scan(&format!("{{\"a\":{number}}}")).is_ok(), "{number}");
    }
    assert!(scan(&format!("{{\"a\":{}}}", digits(308))).is_ok());
    for number in ["1e309", "-1e400", "1E+99999999999", &digits(309), &digits(1000)] {
        for text in [format!("{{\"a\":{number}}}"), format!("{{\"a\":[{{\"b\":{number}}}]}}")] {
            assert_eq!(fault(&text), JsonFault::Range, "{text}");
        }
    }
}

#[test]
fn escapes_are_resolved() {
    assert_eq!(
        scan(r#"{"\u0061\n":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00x"}"#).unwrap(),
        format!("a\n={:?};", "\"\\/\u{8}\u{c}\n\r\té😀x")
    );
}

#[test]
fn escapes_that_stand_for_no_character_are_refused() {
    for escape in [
        "\\x",
        "\\u12",
        "\\u12g4",
        "\\ud800",
        "\\ud800x",
        "\\ud800\\n",
        "\\ud800\\ud800",
        "\\udc00",
        "\\u{61}",
        "\\a",
    ] {
        for text in [
            format!("{{\"a\":\"{escape}\"}}"),
            format!("{{\"{escape}\":1}}"),
            format!("{{\"a\":[\"{escape}\"]}}"),
        ] {
            assert_eq!(fault(&text), JsonFault::Escape, "{text}");
        }
    }
}

#[test]
fn one_name_twice_is_refused_however_it_is_spelt() {
    for text in [
        r#"{"exp":1,"exp":1}"#,
        r#"{"exp":1,"\u0065xp":1}"#,
        r#"{"\u0065\u0078p":1,"a":2,"exp":1}"#,
        r#"{"":1,"":2}"#,
        r#"{"a long name of a claim":1,"b":2,"a long name of a claim":1}"#,
    ] {
        assert_eq!(fault(text), JsonFault::Duplicate, "{text}");
    }
    assert!(scan(r#"{"exp":1,"Exp":1,"exp ":1,"ex":1,"p":1,"\u0000":1,"":1}"#).is_ok());
}

#[test]
fn names_within_a_traversed_object_are_unique_too() {
    let mut inner = Ok(());
    object::<JsonFault>(r#"{"a":{"b":1,"\u0062":2}}"#, |_, value| {
        if let Value::Object(span) = value {
            inner = span.members::<JsonFault>(|_, _| Ok(()));
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(inner, Err(JsonFault::Duplicate));
}

#[test]
fn depth_ends_at_sixteen() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(scan(&nested(15)).is_ok());
    assert_eq!(fault(&nested(16)), JsonFault::Depth);
    assert_eq!(fault(&format!("{{\"a\":{}", "[".repeat(100_000))), JsonFault::Depth);
    assert_eq!(fault(&"{\"a\":".repeat(100_000)), JsonFault::Depth);
}

#[test]
fn members_end_at_128() {
    let with = |count: usize| {
        let members: Vec<String> =
            (0..count).map(|index| format!("\"m{index}\":{index}")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(scan(&with(128)).is_ok());
    assert_eq!(fault(&with(129)), JsonFault::Members);
}

#[test]
fn spans_point_into_the_whole_text() {
    let text = r#"{"a":["x",  "four"],"b":{"c":"five5"},"d":"\u0065"}"#;
    let mut seen = Vec::new();
    let mut note = |found: Text<'_>| {
        let (start, end) = found.range();
        seen.push((text.get(start..end).unwrap().to_owned(), found.plain().is_some()));
    };
    object::<JsonFault>(text, |_, value| match value {
        Value::String(found) => {
            note(found);
            Ok(())
        }
        Value::Array(span) => span.elements(|element| {
            if let Value::String(found) = element {
                note(found);
            }
            Ok(())
        }),
        Value::Object(span) => span.members(|name, _| {
            note(name);
            Ok(())
        }),
        _ => Ok(()),
    })
    .unwrap();
    assert_eq!(
        seen,
        [
            ("x".to_owned(), true),
            ("four".to_owned(), true),
            ("c".to_owned(), true),
            ("\\u0065".to_owned(), false),
        ]
    );
}

#[test]
fn a_string_ends_at_any_offset_of_a_word() {
    for length in 0..40 {
        let body = "é".repeat(length / 2) + &"x".repeat(length % 2);
        let text = format!("{{\"a\":\"{body}\",\"b\":\"{body}\\n\"}}");
        assert_eq!(scan(&text).unwrap(), format!("a={body:?};b={:?};", format!("{body}\n")));
    }
}

proptest::proptest! {
    /// Whatever is accepted, a lenient reader of JSON accepts as the same object.
    #[test]
    fn what_is_accepted_is_json(text in r#"[\{\}\[\]":,a-c0-2 \\ue.\-]{0,24}"#) {
        let text = format!("{{{text}}}");
        let other = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
        match scan(&text) {
            Ok(_) => proptest::prop_assert!(
                // A number too large for a double is in the grammar.
                !other.is_err_and(|error| !error.to_string().contains("out of range")),
                "{text}"
            ),
            Err(JsonFault::Duplicate | JsonFault::Depth | JsonFault::Members) => {}
            Err(fault) => proptest::prop_assert!(other.is_err(), "{text}: {fault}"),
        }
    }
}

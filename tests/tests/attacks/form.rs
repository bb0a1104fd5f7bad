//! Attacks by the form: what a strict parser refuses.

use authz_core::token::{JsonFault, Part, TokenError};
use serde_json::json;

use crate::{Attack, FIRST, NOW, World, claims, claims_and, claims_with};

pub(crate) fn attacks_on_the_form(world: &World) -> Vec<Attack> {
    let mut list = Vec::new();
    let honest = || world.honest();
    let token = honest();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (first, payload) = signed.split_once('.').unwrap();

    for (name, forged) in [
        ("5 parts", format!("{token}.AAAA.AAAA")),
        ("4 parts", format!("{token}.AAAA")),
        ("2 parts", signed.to_owned()),
        ("1 part", first.to_owned()),
        ("no header", format!(".{payload}.{signature}")),
        ("detached payload", format!("{first}..{signature}")),
        ("a dot more", format!("{token}.")),
    ] {
        attack!(list, name, forged, TokenError::Format, beside honest());
    }
    for (name, forged) in [
        ("padding after the signature", format!("{token}==")),
        ("padding after the header", format!("{first}=.{payload}.{signature}")),
        ("base64 of the other alphabet", format!("{first}.{payload}+/.{signature}")),
        ("a space", format!("{first}. {payload}.{signature}")),
        ("a line break in the middle", format!("{first}.{payload}\t.{signature}")),
        (
            "JSON serialization",
            json!({ "payload": payload, "protected": first, "signature": signature }).to_string(),
        ),
    ] {
        attack!(list, name, forged, TokenError::Character, beside honest());
    }

    // 64 bytes are 86 characters: the last one has four bits to spare.
    let (before, end) = signature.split_at(signature.len() - 1);
    let stray = match end {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    attack!(list, "stray bits after the signature", format!("{signed}.{before}{stray}"),
        TokenError::Base64 { part: Part::Signature }, beside honest());
    attack!(list, "impossible length", format!("{token}AAA"),
        TokenError::Base64 { part: Part::Signature }, beside honest());

    attack!(list, "10 MB", "A".repeat(10 << 20), TokenError::TooLong { .. }, beside honest());
    attack!(list, "10 MB, signed", world.sign_text(claims_and(&format!(r#""x":"{}""#, "A".repeat(10 << 20)))),
        TokenError::TooLong { .. },
        beside world.sign_text(claims_and(&format!(r#""x":"{}""#, "A".repeat(4000)))));
    let nested = |depth| claims_and(&format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth)));
    attack!(list, "100000 brackets", world.sign_text(nested(100_000)),
        TokenError::TooLong { .. }, beside world.sign_text(nested(8)));
    attack!(list, "2500 brackets", world.sign_text(nested(2_500)),
        TokenError::Json { part: Part::Payload, fault: JsonFault::Depth },
        beside world.sign_text(nested(8)));
    attack!(list, "2500 brackets, never closed", world.sign_text("[".repeat(2_500)),
        TokenError::Json { part: Part::Payload, .. }, beside honest());
    let deep = |depth| {
        format!(
            r#"{{"alg":"EdDSA","typ":"at+jwt","x":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    attack!(list, "2500 brackets in the header", world.sign_header(deep(2_500)),
        TokenError::Json { part: Part::Header, fault: JsonFault::Depth },
        beside world.sign_header(deep(8)));
    let many = |count: usize| {
        let members: Vec<_> = (0..count).map(|at| format!(r#""m{at}":0"#)).collect();
        claims_and(&members.join(","))
    };
    attack!(list, "500 claims", world.sign_text(many(500)),
        TokenError::Json { part: Part::Payload, fault: JsonFault::Members },
        beside world.sign_text(many(50)));

    let bytes = |byte: &[u8]| {
        [claims_and(r#""x":""#).strip_suffix('}').unwrap().as_bytes(), byte, b"\"}"].concat()
    };
    for (name, byte) in [
        ("0xff", &[0xff][..]),
        ("overlong slash", &[0xc0, 0xaf]),
        ("lone surrogate", &[0xed, 0xa0, 0x80]),
        ("cut off", &[0xe2, 0x82]),
    ] {
        attack!(list, format!("bytes that are not UTF-8 in an unused claim: {name}"),
            world.sign_text(bytes(byte)),
            TokenError::Utf8 { part: Part::Payload }, beside world.sign_text(bytes("é".as_bytes())));
    }
    attack!(list, "bytes that are not UTF-8 in the header",
        world.sign_header(b"{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"x\":\"\xff\"}"),
        TokenError::Utf8 { part: Part::Header },
        beside world.sign_header("{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"x\":\"é\"}"));

    for name in ["exp", "scope", "sub", "roles", "iss"] {
        let once = if name == "roles" { claims_and(r#""roles":[]"#) } else { claims().to_string() };
        let escaped = format!("\\u{:04x}{}", name.as_bytes().first().unwrap(), name.split_at(1).1);
        let value = without_brace(&once);
        for (how, written) in [("twice", name), ("twice, once escaped", &escaped)] {
            let twice = format!(r#"{value},"{written}":"x"}}"#);
            attack!(list, format!("{name} {how}"), world.sign_text(twice),
                TokenError::Json { part: Part::Payload, fault: JsonFault::Duplicate },
                beside world.sign_text(once.clone()));
        }
    }
    attack!(list, "an unknown claim twice", world.sign_text(claims_and(r#""x":1,"x":1"#)),
        TokenError::Json { fault: JsonFault::Duplicate, .. },
        beside world.sign_text(claims_and(r#""x":1,"y":1"#)));
    attack!(list, "alg twice, once escaped",
        world.sign_header(r#"{"alg":"EdDSA","typ":"at+jwt","\u0061lg":"EdDSA"}"#),
        TokenError::Json { part: Part::Header, fault: JsonFault::Duplicate },
        beside world.sign_header(r#"{"\u0061lg":"EdDSA","typ":"at+jwt"}"#));

    for number in ["1e400", "-1e400", "1E999999999999", &"9".repeat(400)] {
        for (place, value) in [("a claim", number.to_owned()), ("an array", format!("[{number}]"))]
        {
            attack!(list, format!("a number that is infinite to some, as {place}: {number}"),
                world.sign_text(claims_and(&format!(r#""x":{value}"#))),
                TokenError::Json { part: Part::Payload, fault: JsonFault::Range },
                beside world.sign_text(claims_and(r#""x":1e300"#)));
        }
    }
    attack!(list, "exp: 1e400", world.sign_text(claims_with("exp", "1e400")),
        TokenError::Json { part: Part::Payload, fault: JsonFault::Range },
        beside world.sign_text(claims_with("exp", "1800000300.5")));

    let text = claims().to_string();
    let array = json!([NOW + 300, NOW, "ada", FIRST, "shop"]).to_string();
    for (name, claims) in [
        ("an array as claims", array),
        ("an array around the claims", format!("[{text}]")),
        ("null as claims", String::from("null")),
        ("a string as claims", json!(text).to_string()),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("bytes after the claims", format!("{text}x")),
        ("another object after the claims", format!("{text}{{}}")),
        ("a zero byte after the claims", format!("{text}\0")),
        ("a comma too many", format!("{},}}", without_brace(&text))),
        ("claims cut off", without_brace(&text).to_owned()),
        ("NaN", claims_with("exp", "NaN")),
    ] {
        attack!(list, name, world.sign_text(claims),
            TokenError::Json { part: Part::Payload, .. },
            beside world.sign_text(format!(" {text}\n")));
    }
    list
}

fn without_brace(text: &str) -> &str {
    text.strip_suffix('}').unwrap()
}

//! A strict scanner for JSON objects (RFC 8259) that borrows from the text.
//!
//! One pass over the text; the only memory it needs is a fixed array for the names of one object.
//! Absent on purpose: recursion, a tree of values, numbers beyond what a date needs, and anything
//! lenient. A text that two parsers could read in two ways is refused.

use std::borrow::Cow;

use super::error::JsonFault;

/// The deepest nesting that is read.
const DEPTH_LIMIT: u32 = 16;
/// The most members one object may have.
const MEMBER_LIMIT: usize = 128;

/// A value, with its grammar already checked.
// A tag of a whole word, here and in `Text`: values are passed about, and copying odd bytes of
// padding costs more than the scan.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(crate) enum Value<'a> {
    String(Text<'a>),
    Number(&'a str),
    True,
    False,
    Null,
    Array(Span<'a>),
    Object(Span<'a>),
}

/// A string as it stands between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    raw: &'a str,
    /// Twice the place where it begins in the whole text, and one more if it has escapes.
    place: usize,
}

/// An array or an object, brackets included, with its grammar already checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'a> {
    raw: &'a str,
    /// Where it begins in the whole text.
    start: usize,
}

/// Hands each member of the one object that `text` is to `member`, in order.
///
/// INVARIANT: no two names of the object are equal after their escapes are resolved.
pub(crate) fn object<'a, E: From<JsonFault>>(
    text: &'a str,
    member: impl FnMut(Text<'a>, Value<'a>) -> Result<(), E>,
) -> Result<(), E> {
    Span { raw: text, start: 0 }.members(member)
}

impl<'a> Span<'a> {
    /// Hands each member of this object to `member`, in order; refuses one name twice.
    pub(crate) fn members<E: From<JsonFault>>(
        &self,
        mut member: impl FnMut(Text<'a>, Value<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut scanner = Scanner::new(*self);
        let mut names = Names::new();
        scanner.space();
        if !scanner.take(b'{') {
            return Err(JsonFault::NotAnObject.into());
        }
        scanner.space();
        if !scanner.take(b'}') {
            loop {
                let name = scanner.name()?;
                names.add(name)?;
                let value = scanner.value()?;
                member(name, value)?;
                scanner.space();
                if scanner.take(b'}') {
                    break;
                }
                scanner.expect(b',')?;
                scanner.space();
            }
        }
        scanner.end()?;
        Ok(())
    }

    /// Hands each element of this array to `element`, in order.
    pub(crate) fn elements<E: From<JsonFault>>(
        &self,
        mut element: impl FnMut(Value<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut scanner = Scanner::new(*self);
        scanner.expect(b'[')?;
        scanner.space();
        if !scanner.take(b']') {
            loop {
                scanner.space();
                let value = scanner.value()?;
                element(value)?;
                scanner.space();
                if scanner.take(b']') {
                    break;
                }
                scanner.expect(b',')?;
            }
        }
        scanner.end()?;
        Ok(())
    }

    /// The JSON text of it.
    #[cfg(test)]
    pub(crate) fn as_text(&self) -> &'a str {
        self.raw
    }
}

impl<'a> Text<'a> {
    const fn is_escaped(&self) -> bool {
        self.place & 1 == 1
    }

    /// The string with its escapes resolved.
    pub(crate) fn unescape(&self) -> Cow<'a, str> {
        if self.is_escaped() { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }

    pub(crate) fn is(&self, expected: &str) -> bool {
        if self.is_escaped() { unescape(self.raw) == expected } else { self.raw == expected }
    }

    /// The string where it stands unescaped in the text.
    pub(crate) fn plain(&self) -> Option<&'a str> {
        (!self.is_escaped()).then_some(self.raw)
    }

    /// Where it stands in the whole text, without its quotes.
    pub(crate) fn range(&self) -> (usize, usize) {
        let start = self.place >> 1;
        (start, start + self.raw.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }
}

/// The names of one object, as hashes.
///
/// Two names of one hash are taken for the same name. For names nobody chose to collide that does
/// not happen; where it does, the text is refused.
struct Names {
    /// One bit for each hash, by its highest six bits: most names are new at a glance.
    seen: u64,
    /// Most objects have few members, and clearing memory costs time.
    first: [u64; Self::FIRST],
    more: Vec<u64>,
    count: usize,
}

impl Names {
    const FIRST: usize = 32;

    const fn new() -> Self {
        Self { seen: 0, first: [0; Self::FIRST], more: Vec::new(), count: 0 }
    }

    #[inline]
    fn add(&mut self, name: Text<'_>) -> Result<(), JsonFault> {
        if self.count == MEMBER_LIMIT {
            return Err(JsonFault::Members);
        }
        let hash = if name.is_escaped() {
            hash(unescape(name.raw).as_bytes())
        } else {
            hash(name.raw.as_bytes())
        };
        if !self.is_new(hash) && (self.first().contains(&hash) || self.more.contains(&hash)) {
            return Err(JsonFault::Duplicate);
        }
        match self.first.get_mut(self.count) {
            Some(place) => *place = hash,
            None => self.more.push(hash),
        }
        self.count += 1;
        Ok(())
    }

    fn first(&self) -> &[u64] {
        self.first.get(..self.count).unwrap_or(&self.first)
    }

    /// Whether no name before had the bit of this one; sets it.
    #[inline]
    fn is_new(&mut self, hash: u64) -> bool {
        let bit = 1 << (hash >> 58);
        let new = self.seen & bit == 0;
        self.seen |= bit;
        new
    }
}

/// Eight bytes at a time; the last eight overlap with those before where they must.
#[inline]
fn hash(name: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, word: u64| {
        let hash = (hash ^ word).wrapping_mul(FACTOR);
        hash ^ hash >> 32
    };
    let length = name.len() as u64;
    if let Some(last) = name.last_chunk::<8>() {
        let (words, _) = name.as_chunks::<8>();
        let hash = words.iter().fold(length, |hash, word| mix(hash, u64::from_le_bytes(*word)));
        return mix(hash, u64::from_le_bytes(*last)).wrapping_mul(FACTOR);
    }
    let word = match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    mix(length, word).wrapping_mul(FACTOR)
}

struct Scanner<'a> {
    text: &'a str,
    /// What is left of the text.
    rest: &'a [u8],
    /// Where the text begins in the whole.
    base: usize,
}

impl<'a> Scanner<'a> {
    fn new(span: Span<'a>) -> Self {
        Self { text: span.raw, rest: span.raw.as_bytes(), base: span.start }
    }

    #[inline]
    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    #[inline]
    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    #[inline]
    fn take(&mut self, expected: u8) -> bool {
        match self.rest {
            [byte, rest @ ..] if *byte == expected => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    #[inline]
    fn expect(&mut self, expected: u8) -> Result<(), JsonFault> {
        if self.take(expected) { Ok(()) } else { Err(JsonFault::Syntax) }
    }

    fn end(&mut self) -> Result<(), JsonFault> {
        self.space();
        if self.rest.is_empty() { Ok(()) } else { Err(JsonFault::Trailing) }
    }

    /// A name and the colon after it.
    #[expect(clippy::inline_always, reason = "handing the text out costs more than scanning it")]
    #[inline(always)]
    fn name(&mut self) -> Result<Text<'a>, JsonFault> {
        self.expect(b'"')?;
        let name = self.string()?;
        self.space();
        self.expect(b':')?;
        self.space();
        Ok(name)
    }

    /// A value; arrays and objects are checked and passed over.
    #[inline]
    fn value(&mut self) -> Result<Value<'a>, JsonFault> {
        let start = self.at();
        match self.rest {
            [b'"', rest @ ..] => {
                self.rest = rest;
                self.string().map(Value::String)
            }
            [b'[', ..] => self.nested(start).map(Value::Array),
            [b'{', ..] => self.nested(start).map(Value::Object),
            _ => self.scalar(),
        }
    }

    #[inline]
    fn scalar(&mut self) -> Result<Value<'a>, JsonFault> {
        match self.rest {
            [b't', b'r', b'u', b'e', rest @ ..] => {
                self.rest = rest;
                Ok(Value::True)
            }
            [b'f', b'a', b'l', b's', b'e', rest @ ..] => {
                self.rest = rest;
                Ok(Value::False)
            }
            [b'n', b'u', b'l', b'l', rest @ ..] => {
                self.rest = rest;
                Ok(Value::Null)
            }
            [b'-' | b'0'..=b'9', ..] => self.number().map(Value::Number),
            _ => Err(JsonFault::Syntax),
        }
    }

    #[inline]
    fn number(&mut self) -> Result<&'a str, JsonFault> {
        let start = self.at();
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        let number = self.since(start)?;
        if is_in_range(number) { Ok(number) } else { Err(JsonFault::Range) }
    }

    #[inline]
    fn digits(&mut self) -> Result<(), JsonFault> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return Err(JsonFault::Syntax);
        }
        self.skip(length)
    }

    /// The rest of a string whose opening quote is taken; takes the closing one too.
    #[expect(clippy::inline_always, reason = "handing the text out costs more than scanning it")]
    #[inline(always)]
    fn string(&mut self) -> Result<Text<'a>, JsonFault> {
        let start = self.at();
        let mut escaped = false;
        loop {
            self.skip(plain_length(self.rest))?;
            match self.rest {
                [b'"', ..] => break,
                [b'\\', rest @ ..] => {
                    escaped = true;
                    self.rest = rest;
                    self.escape()?;
                }
                // A control character, or the end.
                _ => return Err(JsonFault::Syntax),
            }
        }
        let raw = self.since(start)?;
        self.expect(b'"')?;
        Ok(Text { raw, place: (self.base + start) << 1 | usize::from(escaped) })
    }

    fn escape(&mut self) -> Result<(), JsonFault> {
        let [kind, rest @ ..] = self.rest else {
            return Err(JsonFault::Syntax);
        };
        self.rest = rest;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => self.code_point(),
            _ => Err(JsonFault::Escape),
        }
    }

    /// A lone surrogate stands for no character, and two parsers could read it in two ways.
    fn code_point(&mut self) -> Result<(), JsonFault> {
        match self.code_unit()? {
            0xD800..=0xDBFF => {
                self.surrogate_follows()?;
                match self.code_unit()? {
                    0xDC00..=0xDFFF => Ok(()),
                    _ => Err(JsonFault::Escape),
                }
            }
            0xDC00..=0xDFFF => Err(JsonFault::Escape),
            _ => Ok(()),
        }
    }

    fn surrogate_follows(&mut self) -> Result<(), JsonFault> {
        if self.take(b'\\') && self.take(b'u') { Ok(()) } else { Err(JsonFault::Escape) }
    }

    fn code_unit(&mut self) -> Result<u32, JsonFault> {
        let (digits, rest) = self.rest.split_first_chunk::<4>().ok_or(JsonFault::Escape)?;
        self.rest = rest;
        digits.iter().try_fold(0, |unit, digit| {
            char::from(*digit).to_digit(16).map(|digit| unit << 4 | digit).ok_or(JsonFault::Escape)
        })
    }

    /// Checks an array or object to its closing bracket, without recursion.
    fn nested(&mut self, start: usize) -> Result<Span<'a>, JsonFault> {
        let mut open = Brackets::new();
        loop {
            self.space();
            if !self.complete_value(&mut open)? {
                continue;
            }
            loop {
                if open.none() {
                    return Ok(Span { raw: self.since(start)?, start: self.base + start });
                }
                self.space();
                if !self.take(open.closing()) {
                    break;
                }
                open.pop();
            }
            self.expect(b',')?;
            self.space();
            if open.in_object() {
                self.name()?;
            }
        }
    }

    /// Reads a value as far as its first inner value; whether that was all of it.
    fn complete_value(&mut self, open: &mut Brackets) -> Result<bool, JsonFault> {
        let object = match self.rest {
            [b'{', ..] => true,
            [b'[', ..] => false,
            [b'"', rest @ ..] => {
                self.rest = rest;
                return self.string().map(|_| true);
            }
            _ => return self.scalar().map(|_| true),
        };
        open.push(object)?;
        self.skip(1)?;
        self.space();
        if self.take(open.closing()) {
            open.pop();
            return Ok(true);
        }
        if object {
            self.name()?;
        }
        Ok(false)
    }

    #[inline]
    fn skip(&mut self, length: usize) -> Result<(), JsonFault> {
        self.rest = self.rest.get(length..).ok_or(JsonFault::Syntax)?;
        Ok(())
    }

    #[inline]
    fn since(&self, start: usize) -> Result<&'a str, JsonFault> {
        self.text.get(start..self.at()).ok_or(JsonFault::Syntax)
    }
}

/// Which brackets are open, as one word of bits: memory does not grow with the depth.
struct Brackets {
    /// The innermost bracket is the lowest bit; an object is a one.
    objects: u32,
    depth: u32,
}

impl Brackets {
    /// Within the object that is read, which is the first level.
    const fn new() -> Self {
        Self { objects: 0, depth: 1 }
    }

    fn push(&mut self, object: bool) -> Result<(), JsonFault> {
        if self.depth >= DEPTH_LIMIT {
            return Err(JsonFault::Depth);
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u32::from(object);
        Ok(())
    }

    const fn pop(&mut self) {
        self.depth -= 1;
        self.objects >>= 1;
    }

    const fn none(&self) -> bool {
        self.depth == 1
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    const fn closing(&self) -> u8 {
        if self.in_object() { b'}' } else { b']' }
    }
}

/// Whether a number is one to every reader: some refuse what a double can't hold, others read it as
/// infinite (RFC 8259 section 6).
#[inline]
fn is_in_range(number: &str) -> bool {
    /// No number of so many digits and no exponent is too large.
    const SHORT: usize = 300;
    let is_plain = number.len() <= SHORT && !number.bytes().any(|byte| matches!(byte, b'e' | b'E'));
    is_plain || number.parse().is_ok_and(f64::is_finite)
}

/// How many bytes come before the next quote, backslash or control character.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F)).count()
}

/// The high bit of each byte that ends a plain run. The lowest one set is exact; a borrow can set
/// others above it, which nobody looks at.
#[inline]
const fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    const fn zero_bytes(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & HIGHS
    }
    let quote = zero_bytes(word ^ (ONES * b'"' as u64));
    let backslash = zero_bytes(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    quote | backslash | control
}

/// Resolves the escapes of a string whose grammar was checked.
#[cold]
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => text.push(code_point(&mut rest)),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

/// The character of an escape after its `\u`, with the low surrogate where the first is a high one.
fn code_point(rest: &mut std::str::Chars<'_>) -> char {
    let unit = code_unit(rest);
    let code = if matches!(unit, 0xD800..=0xDBFF) {
        // The `\u` of the second half.
        rest.next();
        rest.next();
        let low = code_unit(rest);
        0x1_0000 + ((unit & 0x3FF) << 10) + (low & 0x3FF)
    } else {
        unit
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn code_unit(rest: &mut std::str::Chars<'_>) -> u32 {
    rest.take(4).filter_map(|digit| digit.to_digit(16)).fold(0, |unit, digit| unit << 4 | digit)
}

#[cfg(test)]
mod tests;

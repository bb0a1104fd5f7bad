use authz_core::Vocabulary;

fn names<V: Vocabulary>() -> Vec<&'static str> {
    V::all().iter().map(|name| name.wire_name()).collect()
}

fn main() {
    names::<u32>();
}

use authz_core::Resource;

#[derive(Resource)]
#[resource(owner = "customer")]
struct Page<T> {
    customer: String,
    #[resource(read(role = "manager"))]
    content: T,
}

#[derive(Resource)]
struct Change<'a> {
    #[resource(write(role = "manager"))]
    discount: Option<&'a str>,
}

fn main() {}

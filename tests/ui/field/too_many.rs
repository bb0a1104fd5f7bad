use authz_core::Resource;
use authz_tests::policy;

#[derive(Resource)]
struct Wide {
    #[resource(read(role = "manager"))]
    field_0: u32,
    #[resource(read(role = "manager"))]
    field_1: u32,
    #[resource(read(role = "manager"))]
    field_2: u32,
    #[resource(read(role = "manager"))]
    field_3: u32,
    #[resource(read(role = "manager"))]
    field_4: u32,
    #[resource(read(role = "manager"))]
    field_5: u32,
    #[resource(read(role = "manager"))]
    field_6: u32,
    #[resource(read(role = "manager"))]
    field_7: u32,
    #[resource(read(role = "manager"))]
    field_8: u32,
    #[resource(read(role = "manager"))]
    field_9: u32,
    #[resource(read(role = "manager"))]
    field_10: u32,
    #[resource(read(role = "manager"))]
    field_11: u32,
    #[resource(read(role = "manager"))]
    field_12: u32,
    #[resource(read(role = "manager"))]
    field_13: u32,
    #[resource(read(role = "manager"))]
    field_14: u32,
    #[resource(read(role = "manager"))]
    field_15: u32,
    #[resource(read(role = "manager"))]
    field_16: u32,
    #[resource(read(role = "manager"))]
    field_17: u32,
    #[resource(read(role = "manager"))]
    field_18: u32,
    #[resource(read(role = "manager"))]
    field_19: u32,
    #[resource(read(role = "manager"))]
    field_20: u32,
    #[resource(read(role = "manager"))]
    field_21: u32,
    #[resource(read(role = "manager"))]
    field_22: u32,
    #[resource(read(role = "manager"))]
    field_23: u32,
    #[resource(read(role = "manager"))]
    field_24: u32,
    #[resource(read(role = "manager"))]
    field_25: u32,
    #[resource(read(role = "manager"))]
    field_26: u32,
    #[resource(read(role = "manager"))]
    field_27: u32,
    #[resource(read(role = "manager"))]
    field_28: u32,
    #[resource(read(role = "manager"))]
    field_29: u32,
    #[resource(read(role = "manager"))]
    field_30: u32,
    #[resource(read(role = "manager"))]
    field_31: u32,
    #[resource(read(role = "manager"))]
    field_32: u32,
    #[resource(read(role = "manager"))]
    field_33: u32,
    #[resource(read(role = "manager"))]
    field_34: u32,
    #[resource(read(role = "manager"))]
    field_35: u32,
    #[resource(read(role = "manager"))]
    field_36: u32,
    #[resource(read(role = "manager"))]
    field_37: u32,
    #[resource(read(role = "manager"))]
    field_38: u32,
    #[resource(read(role = "manager"))]
    field_39: u32,
    #[resource(read(role = "manager"))]
    field_40: u32,
    #[resource(read(role = "manager"))]
    field_41: u32,
    #[resource(read(role = "manager"))]
    field_42: u32,
    #[resource(read(role = "manager"))]
    field_43: u32,
    #[resource(read(role = "manager"))]
    field_44: u32,
    #[resource(read(role = "manager"))]
    field_45: u32,
    #[resource(read(role = "manager"))]
    field_46: u32,
    #[resource(read(role = "manager"))]
    field_47: u32,
    #[resource(read(role = "manager"))]
    field_48: u32,
    #[resource(read(role = "manager"))]
    field_49: u32,
    #[resource(read(role = "manager"))]
    field_50: u32,
    #[resource(read(role = "manager"))]
    field_51: u32,
    #[resource(read(role = "manager"))]
    field_52: u32,
    #[resource(read(role = "manager"))]
    field_53: u32,
    #[resource(read(role = "manager"))]
    field_54: u32,
    #[resource(read(role = "manager"))]
    field_55: u32,
    #[resource(read(role = "manager"))]
    field_56: u32,
    #[resource(read(role = "manager"))]
    field_57: u32,
    #[resource(read(role = "manager"))]
    field_58: u32,
    #[resource(read(role = "manager"))]
    field_59: u32,
    #[resource(read(role = "manager"))]
    field_60: u32,
    #[resource(read(role = "manager"))]
    field_61: u32,
    #[resource(read(role = "manager"))]
    field_62: u32,
    #[resource(read(role = "manager"))]
    field_63: u32,
    #[resource(read(role = "manager"))]
    field_64: u32,
}

fn main() {}

//! Prints the receipt that native code gives, for the module's to be compared with.

fn main() {
    match accrue_wasm_check::receipt() {
        Some(receipt) => println!("{receipt}"),
        None => println!("none"),
    }
}

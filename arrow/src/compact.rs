//! Reads Thrift's compact protocol, in which the footer and the page headers of a Parquet file are written.
//!
//! The Parquet library reads a known field whatever its type says, and takes the last of repeated fields. A reader that skipped a field
//! by its type would see another file than the library does. So a field must have the type and the place in the order that the
//! format says, and what cannot be read alike is refused.

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
pub(crate) const I16: u8 = 4;
pub(crate) const I32: u8 = 5;
pub(crate) const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
pub(crate) const LIST: u8 = 9;
pub(crate) const STRUCT: u8 = 12;

/// How deep values may nest. Those of the format nest seven deep.
const NESTING: usize = 10;

/// The type that a value must have.
#[derive(Debug)]
pub(crate) enum Shape {
    Flag,
    Byte,
    Number(u8),
    Binary,
    List(&'static Shape),
    /// The known fields by number.
    Struct(&'static [(u8, Shape)]),
    /// A value that no file of actions has.
    Refused,
}

/// The remaining bytes. Methods return `None` if the bytes end too early or are not what the format says.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a> {
    pub(crate) bytes: &'a [u8],
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn pass(&mut self, count: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Returns a whole number of any type.
    pub(crate) fn int(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        let half = i64::try_from(number >> 1).ok()?;
        Some(if number & 1 == 0 { half } else { !half })
    }

    /// Calls `each` with the number and type of every field of a struct, in rising order. `each` must read the field.
    pub(crate) fn fields(&mut self, mut each: impl FnMut(u8, u8, &mut Self) -> Option<()>) -> Option<()> {
        let mut number = 0u8;
        loop {
            let begin = self.byte()?;
            let ty = begin & 0x0F;
            if ty == 0 {
                return (begin == 0).then_some(());
            }
            // A step of zero announces a number of its own, by which a field could come again.
            number = match begin >> 4 {
                0 => return None,
                step => number.checked_add(step)?,
            };
            each(number, ty, self)?;
        }
    }

    /// Returns the number of elements of a list, and their type. Each element takes at least one byte.
    pub(crate) fn list(&mut self) -> Option<(u64, u8)> {
        let begin = self.byte()?;
        let count = match begin >> 4 {
            15 => self.unsigned()?,
            few => few.into(),
        };
        (count <= self.bytes.len() as u64).then_some((count, begin & 0x0F))
    }

    /// Passes a value of this shape, which says to have this type.
    pub(crate) fn pass_shape(&mut self, ty: u8, shape: &Shape) -> Option<()> {
        match (shape, ty) {
            (Shape::Flag, TRUE | FALSE) => Some(()),
            (Shape::Byte, BYTE) => self.pass(1),
            (Shape::Number(of), ty) if *of == ty => self.int().map(drop),
            (Shape::Binary, BINARY) => self.skip(BINARY, 1),
            (Shape::List(of), LIST) => {
                let (count, ty) = self.list()?;
                (0..count).try_for_each(|_| self.pass_shape(ty, of))
            }
            (Shape::Struct(known), STRUCT) => {
                self.fields(|number, ty, from| from.pass_field(number, ty, known))
            }
            _ => None,
        }
    }

    /// Passes a field of a struct with these known fields.
    pub(crate) fn pass_field(&mut self, number: u8, ty: u8, known: &[(u8, Shape)]) -> Option<()> {
        match known.iter().find(|(of, _)| *of == number) {
            Some((_, shape)) => self.pass_shape(ty, shape),
            None => self.skip(ty, NESTING),
        }
    }

    /// Passes a value that is not known.
    fn skip(&mut self, ty: u8, depth: usize) -> Option<()> {
        let below = depth.checked_sub(1)?;
        match ty {
            TRUE | FALSE => Some(()),
            BYTE => self.pass(1),
            I16..=I64 => self.unsigned().map(drop),
            DOUBLE => self.pass(8),
            BINARY => {
                let length = self.unsigned()?;
                self.pass(length)
            }
            // The library and other readers disagree about flags in lists.
            LIST => match self.list()? {
                (0, _) => Some(()),
                (_, TRUE | FALSE) => None,
                (count, of) => (0..count).try_for_each(|_| self.skip(of, below)),
            },
            STRUCT => self.fields(|_, ty, from| from.skip(ty, below)),
            _ => None,
        }
    }
}

//! Text being written, on the stack for as long as it is short.

use riposte_value::Text;

/// Long enough for every timestamp in a usual format.
const STACK_BYTES: usize = 64;

/// Text that grows at its end. What fits is never allocated but as the result.
pub(super) struct Line {
    stack: [u8; STACK_BYTES],
    length: usize,
    /// The whole text, once it does not fit.
    heap: Option<String>,
}

impl Line {
    pub(super) const fn new() -> Self {
        Self { stack: [0; STACK_BYTES], length: 0, heap: None }
    }

    fn written(&self) -> &str {
        match &self.heap {
            Some(text) => text,
            // Only whole texts were written.
            None => {
                self.stack.get(..self.length).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
            }
        }
    }

    /// Room for so many bytes on the stack, if there is.
    fn room(&mut self, bytes: usize) -> Option<&mut [u8]> {
        if self.heap.is_some() {
            return None;
        }
        let end = self.length + bytes;
        let room = self.stack.get_mut(self.length..end)?;
        self.length = end;
        Some(room)
    }

    #[inline]
    pub(super) fn push_str(&mut self, text: &str) {
        match self.room(text.len()) {
            Some(room) => room.copy_from_slice(text.as_bytes()),
            None => self.push_to_heap(text),
        }
    }

    #[cold]
    fn push_to_heap(&mut self, text: &str) {
        if self.heap.is_none() {
            let mut heap = String::with_capacity(2 * STACK_BYTES + text.len());
            heap.push_str(self.written());
            self.heap = Some(heap);
        }
        if let Some(heap) = &mut self.heap {
            heap.push_str(text);
        }
    }

    /// Bytes of ASCII.
    #[inline]
    pub(super) fn push_ascii(&mut self, bytes: &[u8]) {
        match self.room(bytes.len()) {
            Some(room) => room.copy_from_slice(bytes),
            None => self.push_to_heap(str::from_utf8(bytes).unwrap_or_default()),
        }
    }

    /// A number of at least so many digits.
    #[inline]
    pub(super) fn push_number(&mut self, number: i64, width: usize) {
        match (number, width) {
            (0..10, 1) => self.push_ascii(&[two(number)[1]]),
            (0..100, 1 | 2) => self.push_ascii(&two(number)),
            (0..10_000, 4) => {
                let ([a, b], [c, d]) = (two(number / 100), two(number % 100));
                self.push_ascii(&[a, b, c, d]);
            }
            _ => self.push_str(&format!("{number:0width$}")),
        }
    }

    /// Takes a point off the end.
    pub(super) fn pop_point(&mut self) {
        if let Some(heap) = &mut self.heap {
            if heap.ends_with('.') {
                heap.pop();
            }
        } else if self.length > 0 && self.stack.get(self.length - 1) == Some(&b'.') {
            self.length -= 1;
        }
    }

    pub(super) fn finish(self) -> Text {
        match self.heap {
            Some(text) => Text::from(text),
            None => Text::new(self.written()),
        }
    }
}

/// The digits of the numbers below a hundred.
const PAIRS: &[u8; 200] =
    b"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// The two digits of a number below a hundred.
#[inline]
pub(super) fn two(number: i64) -> [u8; 2] {
    let (pairs, _) = PAIRS.as_chunks::<2>();
    usize::try_from(number).ok().and_then(|number| pairs.get(number)).copied().unwrap_or(*b"00")
}

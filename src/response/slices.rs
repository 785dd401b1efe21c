//! Slices of octets, taken and laid down without a bound that could be missed.

/// The octets from `start` to `end`; none where there are not so many.
#[inline(never)]
pub(crate) fn cut(octets: &[u8], start: usize, end: usize) -> &[u8] {
    octets.get(start..end).unwrap_or_default()
}

/// Copies octets to the place from `start` on, if they fit, and returns where what lies there ends.
#[inline(never)]
pub(crate) fn paste(place: &mut [u8], start: usize, octets: &[u8]) -> usize {
    let end = start.wrapping_add(octets.len());
    let Some(place) = place.get_mut(start..end) else {
        return start;
    };
    place.copy_from_slice(octets);
    end
}

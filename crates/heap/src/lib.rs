//! The allocator, and how soon it gives memory back: the only room with `unsafe` (RFD 14).

use libmimalloc_sys::{mi_option_set_default, mi_option_t};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc 2: milliseconds after which a freed page goes back to the system. 10 by default.
const PURGE_DELAY: mi_option_t = 15;
/// `mi_option_purge_extend_delay` of mimalloc 2: milliseconds by which each further freed page puts that off. 1 by default,
/// so a thread that keeps on freeing gives nothing back.
const PURGE_EXTEND_DELAY: mi_option_t = 25;

/// Lets freed pages go back to the system after a millisecond, however busy their thread is. `MIMALLOC_PURGE_DELAY` and
/// `MIMALLOC_PURGE_EXTEND_DELAY` in the environment win. To be called first, before there is another thread.
pub fn give_back_soon() {
    default(PURGE_DELAY, 1);
    default(PURGE_EXTEND_DELAY, 0);
}

/// Lets freed pages go back at once from now on, for work that is short: then a tenth of the memory is what was freed within
/// the last millisecond.
pub fn give_back_at_once() {
    default(PURGE_DELAY, 0);
}

/// Lets freed pages go back as the library does by itself, for long work: the system takes its time for each that goes and
/// comes again, a fifteenth of the whole.
pub fn give_back_late() {
    default(PURGE_DELAY, 10);
    default(PURGE_EXTEND_DELAY, 1);
}

#[expect(
    unsafe_code,
    reason = "the allocator's options have no safe face, and the environment is read too late to set them there"
)]
fn default(option: mi_option_t, value: std::ffi::c_long) {
    // SAFETY: the function stores a number in a static of the library, for any option below `_mi_option_last`. It is not
    // thread safe; a torn value would change when memory is given back, nothing else.
    unsafe { mi_option_set_default(option, value) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use libmimalloc_sys::mi_option_get;

    #[expect(unsafe_code, reason = "the test reads what was set")]
    fn get(option: mi_option_t) -> std::ffi::c_long {
        // SAFETY: the function reads a number of the library, for any option below `_mi_option_last`.
        unsafe { mi_option_get(option) }
    }

    /// The library promises no numbers: its defaults tell whether ours still mean what they are called.
    #[test]
    fn the_options_are_those_of_the_library() {
        assert_eq!((get(PURGE_DELAY), get(PURGE_EXTEND_DELAY)), (10, 1));
        give_back_soon();
        assert_eq!((get(PURGE_DELAY), get(PURGE_EXTEND_DELAY)), (1, 0));
        give_back_at_once();
        assert_eq!((get(PURGE_DELAY), get(PURGE_EXTEND_DELAY)), (0, 0));
        give_back_late();
        assert_eq!((get(PURGE_DELAY), get(PURGE_EXTEND_DELAY)), (10, 1));
    }
}

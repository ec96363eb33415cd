//! Detects the processor's features. One build serves all processors, so this happens at runtime, when a plan's
//! scratch memory is created.

#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::Avx2;

#[cfg(not(target_arch = "x86_64"))]
pub(super) use fallback::Avx2;

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    /// Proof that the processor has AVX2, BMI1 and POPCNT. Only [`Avx2::detect`] can create it, since the field is
    /// private.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::record) struct Avx2(());

    impl Avx2 {
        /// Returns the proof, or `None` if one of the features is missing.
        pub(in crate::record) fn detect() -> Option<Self> {
            let found = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("popcnt");
            found.then_some(Self(()))
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod fallback {
    /// Cannot be constructed: other processors have no AVX2.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::record) enum Avx2 {}

    impl Avx2 {
        pub(in crate::record) fn detect() -> Option<Self> {
            None
        }
    }
}

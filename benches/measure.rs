//! What the benchmarks measure with: CPU time, and an allocator that keeps what is freed.
#![allow(dead_code)]

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};

/// Tells the C library's allocator to keep what is freed, unless `LOGARROW_BENCH_MALLOC=default`.
#[allow(unsafe_code)]
pub(crate) fn keep_memory() {
    unsafe extern "C" {
        fn mallopt(parameter: i32, value: i32) -> i32;
    }
    const TRIM_THRESHOLD: i32 = -1;
    const MMAP_THRESHOLD: i32 = -3;
    if std::env::var("LOGARROW_BENCH_MALLOC").is_ok_and(|value| value == "default") {
        return;
    }
    // SAFETY: two settings of the allocator, made before any other thread runs.
    unsafe {
        mallopt(TRIM_THRESHOLD, 1 << 30);
        mallopt(MMAP_THRESHOLD, 1 << 30);
    }
}

/// CPU time of the process: other programs that run meanwhile disturb it less than they do a clock.
pub(crate) struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        cpu_time()
    }

    fn end(&self, start: Duration) -> Duration {
        cpu_time().saturating_sub(start)
    }

    fn add(&self, first: &Duration, second: &Duration) -> Duration {
        *first + *second
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

#[allow(unsafe_code)]
fn cpu_time() -> Duration {
    #[repr(C)]
    struct TimeSpec {
        seconds: i64,
        nanoseconds: i64,
    }
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut TimeSpec) -> i32;
    }
    const PROCESS_CPU_TIME: i32 = if cfg!(target_os = "macos") { 12 } else { 2 };
    let mut time = TimeSpec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the pointer is to a value of the layout that the function writes on 64-bit systems.
    let failed = unsafe { clock_gettime(PROCESS_CPU_TIME, &mut time) };
    assert_eq!(failed, 0, "no clock of CPU time");
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}

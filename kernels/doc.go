// Package kernels holds the CUDA kernels, their sources in device/ and what the
// compiler makes of them in images/: machine code for each architecture that
// modspec is built for, and PTX that the driver of a later device compiles.
//
// With the build tag gpu the images are embedded, and Image chooses the one for a
// device. Without it the package has no code to run and its tests still hold:
// images/ must be what the sources in device/ give.
//
// # Images
//
// build.py compiles every device/*.cu with NVRTC 12.9.86, which gives machine
// code for all six architectures by itself, and in the same turn ptxas's report
// and the PTX:
//
//	sm_80   A100, A30           sm_90   H100, H200, GH200
//	sm_86   RTX 30, A10, A40    sm_100  B100, B200 (and sm_103)
//	sm_89   RTX 40, L4, L40     sm_120  RTX 50, RTX PRO Blackwell (and sm_121)
//
// ptxas 12.9.86, given NVRTC's PTX, gives the same bytes up to its record of the
// options it was called with, so it is not needed and not fetched. The PTX is
// that of compute_80, the oldest architecture, and so reaches every later device;
// a device for which there is machine code of its own is never given the PTX.
// The compiler sees texts and no paths: the same sources give the same images in
// any folder, and `build.py --check` compares them bit by bit.
//
// The manifest beside the images says which compiler, options and sources they
// are of, and what each kernel takes on each architecture.
//
// # A driver where there is none
//
// gorgonia.org/cu links libcuda. So that one program starts everywhere, it is
// linked against the loader in loader/, an archive with an entry for each
// function of the driver; loader/loader.h says what it answers where there is no
// driver. A program runs wherever the C library is as new as where it was built.
//
// # Building
//
//	make gpu                bin/modspec with the CUDA engine; needs no GPU
//	make kernels            images of the sources that changed
//	make kernels-check      build all images and compare
//	make test-gpu-emulated  the tests of the CUDA engine on the stand-in driver
//	make test-gpu           the same on this machine's GPU
//	make test-kernels       the kernels alone, in C++
package kernels

// Package cpu trains networks of convolutions on the CPU in float32, on the
// assembly kernels of the linear networks.
//
// An image's values lie place after place, the channels of a place side by side
// and filled up with zeros to whole vectors. A convolution is then a product whose
// left rows are windows that slide over the image (asm.Kernels.Slide): nothing is
// copied together for it, neither on the way forward nor for the two gradients. A
// linear layer is the product of a batch's images with its weights.
//
//	forward            out[y,x] = bias + Σ_a Σ_(b,c) in[y+a, (x+b,c)]·W[a,(b,c)]
//	gradient of W      G[a,(b,c)] = Σ_images Σ_(y,x) in[y+a, (x+b,c)]·δ[y,x]
//	gradient of in     δ_in[v, x+b] = Σ_b Σ_a Σ_o δ[v−a, x, o]·W[a,b,o]
//
// Threads share a run's images, or its weights, so that each writes what no other
// does, and every number is summed in one order: the same job gives the same bits
// on any number of threads and any kernel set, alone or beside other runs.
package cpu

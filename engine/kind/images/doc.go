// Package images is the kind of convolutional networks that learn compositional MNIST:
// several handwritten digits side by side, each labelled by itself (the compositional
// outputs) and all together by the number that they make (the non-compositional ones).
// Package cmnist defines images, labels, networks and what is measured.
//
// Training minimises the squared error, summed over outputs and averaged over the
// batch, with no factor ½, by gradient descent with momentum,
//
//	v ← μ·v + ∇L,  w ← w − η·v
//
// in mini-batches that go through a new order of the training images in each epoch,
// of which the last may be smaller. Initial weights and biases are independent normals
// of standard deviation init_scale, drawn by the numbers of [cmnist.InitialLayer].
//
// The digits are one constant table of the program. An image is rows of it side by
// side, so images are never stored.
//
// Source: D. Jarvis, R. Klein, B. Rosman, A. Saxe, On the specialisation of neural
// modules, ICLR 2023.
package images

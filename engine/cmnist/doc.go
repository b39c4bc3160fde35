// Package cmnist is compositional MNIST: the paper's question put to convolutional
// networks. Digits stand side by side in one image; the compositional part
// of the label names each digit by itself, the non-compositional part names the
// number that they make together, one output for each number that there is.
//
// A [Composition] says how images are made of digits and what their labels are;
// [Data] are the images that a network trains on and is asked about. A [Network]
// is a list of towers, the modules of the linear networks with layers of other
// kinds in them: each reads the whole image and writes one block of outputs, or
// both. A [Meter] and a [Prober] measure outputs. Package kind/images trains.
//
// Source: the paper's section on compositional MNIST.
package cmnist

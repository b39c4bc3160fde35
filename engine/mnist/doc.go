// Package mnist reads sets of labelled images in the IDX format: MNIST itself,
// Fashion-MNIST and any other set of the same make.
//
// A set is two pairs of files, for training and for testing, one of images and
// one of labels each, gzipped or not. [Find] looks for them where people keep
// them. EMNIST's images are published with rows and columns exchanged; here they
// stand upright, as MNIST's do. Whatever is corrupt, cut short or does not fit together is refused with
// the file's name and what is wrong with it.
package mnist

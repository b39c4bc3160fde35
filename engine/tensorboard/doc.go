// Package tensorboard writes event files, which TensorBoard shows: curves over steps,
// and texts.
//
// A run is a folder, named as TensorBoard will name it. Its event file is a list of
// records, each
//
//	length   8 bytes, little-endian
//	check    4 bytes: the masked CRC-32C of the length
//	event    a protocol buffer
//	check    4 bytes: the masked CRC-32C of the event
//
// with mask(c) = (c rotated right by 15) + 0xa282ead8. The first event names the
// version of the format. Numbers are float32, as in all event files.
package tensorboard

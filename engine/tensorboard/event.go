package tensorboard

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of the fields that are written, by message.
const (
	eventWallTime    protowire.Number = 1 // double, seconds since 1970
	eventStep        protowire.Number = 2
	eventFileVersion protowire.Number = 3
	eventSummary     protowire.Number = 5
	eventSessionLog  protowire.Number = 7

	sessionStatus protowire.Number = 1

	summaryValue protowire.Number = 1

	valueTag      protowire.Number = 1
	valueNumber   protowire.Number = 2 // float
	valueTensor   protowire.Number = 8
	valueMetadata protowire.Number = 9

	tensorType    protowire.Number = 1
	tensorShape   protowire.Number = 2
	tensorStrings protowire.Number = 8

	metadataPlugin protowire.Number = 1
	pluginName     protowire.Number = 1
)

// sessionStart is the status of a session that begins.
const sessionStart = 1

// textType is the number of the type of tensors of texts.
const textType = 7

// newEvent begins an event.
func newEvent(at time.Time, step int64) []byte {
	seconds := float64(at.UnixMicro()) / 1e6
	b := protowire.AppendTag(nil, eventWallTime, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, math.Float64bits(seconds))
	if step != 0 { // as for every field of the format, 0 is what is not there
		b = protowire.AppendTag(b, eventStep, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(step))
	}
	return b
}

func appendBytes(b []byte, field protowire.Number, data []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), data)
}

func versionEvent(at time.Time) []byte {
	return appendBytes(newEvent(at, 0), eventFileVersion, []byte("brain.Event:2"))
}

// startEvent says that a session begins at a step.
func startEvent(at time.Time, step int64) []byte {
	session := protowire.AppendVarint(protowire.AppendTag(nil, sessionStatus, protowire.VarintType), sessionStart)
	return appendBytes(newEvent(at, step), eventSessionLog, session)
}

// appendNumber appends a number to a summary.
func appendNumber(summary []byte, tag string, v float32) []byte {
	value := appendBytes(nil, valueTag, []byte(tag))
	value = protowire.AppendTag(value, valueNumber, protowire.Fixed32Type)
	value = protowire.AppendFixed32(value, math.Float32bits(v))
	return appendBytes(summary, summaryValue, value)
}

// appendText appends a text, a tensor without dimensions, to a summary.
func appendText(summary []byte, tag, text string) []byte {
	tensor := protowire.AppendVarint(protowire.AppendTag(nil, tensorType, protowire.VarintType), textType)
	tensor = appendBytes(tensor, tensorShape, nil)
	tensor = appendBytes(tensor, tensorStrings, []byte(text))
	value := appendBytes(nil, valueTag, []byte(tag))
	value = appendBytes(value, valueTensor, tensor)
	value = appendBytes(value, valueMetadata, appendBytes(nil, metadataPlugin, appendBytes(nil, pluginName, []byte("text"))))
	return appendBytes(summary, summaryValue, value)
}

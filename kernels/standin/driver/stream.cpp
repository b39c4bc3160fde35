// Driver calls on streams, and on the recording of graphs by them.
#include "state.h"
#include "stream_work.h"

using namespace standin;

namespace {

CUresult find(CUstream handle, Context *&context, Stream *&stream) {
  const CUresult result = current_context(context);
  return result != CUDA_SUCCESS ? result : find_stream(*context, handle, stream);
}

// A stream that records cannot be waited for; trying voids the recording.
CUresult find_waitable(CUstream handle, Context *&context, Stream *&stream) {
  const CUresult result = find(handle, context, stream);
  if (result != CUDA_SUCCESS || stream->capture == nullptr) return result;
  stream->capture->invalidated = true;
  return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

} // namespace

CUresult cuStreamCreateWithPriority(CUstream *handle, unsigned int flags, int priority) {
  Lock lock;
  Context *context;
  if (handle == nullptr || (flags & ~unsigned(CU_STREAM_NON_BLOCKING)) != 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  Stream *const stream = new Stream();
  stream->context = context;
  stream->waits_for_null = (flags & CU_STREAM_NON_BLOCKING) == 0;
  stream->priority = priority;
  context->streams.insert(stream);
  remember_handle(stream, Kind::STREAM);
  *handle = reinterpret_cast<CUstream>(stream);
  return CUDA_SUCCESS;
}

CUresult cuStreamCreate(CUstream *handle, unsigned int flags) {
  return cuStreamCreateWithPriority(handle, flags, 0);
}

// The stream's work is still done, with nobody left to wait for it by name.
CUresult cuStreamDestroy(CUstream handle) {
  Lock lock;
  if (!is_handle(handle, Kind::STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  Stream *const stream = reinterpret_cast<Stream *>(handle);
  forget_handle(stream);
  stream->destroyed = true;
  stream->capture = nullptr;
  return stream->context->broken;
}

CUresult cuStreamGetPriority(CUstream handle, int *priority) {
  Lock lock;
  Context *context;
  Stream *stream;
  if (priority == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = find(handle, context, stream);
  if (result == CUDA_SUCCESS) *priority = stream->priority;
  return result;
}

CUresult cuStreamGetFlags(CUstream handle, unsigned int *flags) {
  Lock lock;
  Context *context;
  Stream *stream;
  if (flags == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = find(handle, context, stream);
  if (result == CUDA_SUCCESS) *flags = stream->waits_for_null ? CU_STREAM_DEFAULT : CU_STREAM_NON_BLOCKING;
  return result;
}

CUresult cuStreamSynchronize(CUstream handle) {
  Lock lock;
  Context *context;
  Stream *stream;
  const CUresult result = find_waitable(handle, context, stream);
  if (result != CUDA_SUCCESS) return result;
  return stream == &context->null_stream ? finish_null_stream(*context) : finish(*stream);
}

CUresult cuStreamQuery(CUstream handle) {
  Lock lock;
  Context *context;
  Stream *stream;
  const CUresult result = find_waitable(handle, context, stream);
  if (result != CUDA_SUCCESS) return result;
  nudge(*context);
  if (context->broken != CUDA_SUCCESS) return context->broken;
  return stream->queue.empty() ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

// Waiting for an event of a stream that records makes this stream part of the
// recording, or, if this is where the recording began, joins the other to it.
CUresult cuStreamWaitEvent(CUstream handle, CUevent event_handle, unsigned int flags) {
  Lock lock;
  Context *context;
  Stream *stream;
  if ((flags & ~unsigned(CU_EVENT_WAIT_EXTERNAL)) != 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = find(handle, context, stream);
  if (result != CUDA_SUCCESS) return result;
  if (!is_handle(event_handle, Kind::EVENT)) return CUDA_ERROR_INVALID_HANDLE;
  const Event &event = *reinterpret_cast<Event *>(event_handle);
  if (event.capture != nullptr) {
    if (stream->capture != nullptr && stream->capture != event.capture) return CUDA_ERROR_STREAM_CAPTURE_MERGE;
    if (stream == &context->null_stream) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    stream->capture = event.capture;
    event.capture->unjoined.erase(event.captured_stream);
    if (stream != event.capture->origin) event.capture->unjoined.insert(stream);
    return CUDA_SUCCESS;
  }
  if (stream->capture != nullptr) {
    stream->capture->invalidated = true;
    return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
  }
  return event.mark == nullptr ? CUDA_SUCCESS : give(*stream, nullptr, nullptr, event.mark);
}

CUresult cuStreamBeginCapture(CUstream handle, CUstreamCaptureMode mode) {
  Lock lock;
  Context *context;
  Stream *stream;
  const CUresult result = find(handle, context, stream);
  if (result != CUDA_SUCCESS) return result;
  if (stream == &context->null_stream) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (stream->capture != nullptr) return CUDA_ERROR_ILLEGAL_STATE;
  stream->capture = std::make_shared<Capture>();
  stream->capture->origin = stream;
  stream->capture->mode = mode;
  return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph *graph_handle) {
  Lock lock;
  Context *context;
  Stream *stream;
  if (graph_handle == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *graph_handle = nullptr;
  const CUresult result = find(handle, context, stream);
  if (result != CUDA_SUCCESS) return result;
  const std::shared_ptr<Capture> capture = stream->capture;
  if (capture == nullptr) return CUDA_ERROR_ILLEGAL_STATE;
  if (capture->origin != stream) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
  for (Stream *other : context->streams) {
    if (other->capture == capture) other->capture = nullptr;
  }
  if (capture->invalidated) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  if (!capture->unjoined.empty()) return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
  Graph *const graph = new Graph();
  graph->work = capture->work;
  remember_handle(graph, Kind::GRAPH);
  *graph_handle = reinterpret_cast<CUgraph>(graph);
  return CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus *status) {
  Lock lock;
  Context *context;
  Stream *stream;
  if (status == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = find(handle, context, stream);
  if (result != CUDA_SUCCESS) return result;
  *status = stream->capture == nullptr       ? CU_STREAM_CAPTURE_STATUS_NONE
            : stream->capture->invalidated ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                           : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return CUDA_SUCCESS;
}

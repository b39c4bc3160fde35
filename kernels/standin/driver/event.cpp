// Driver calls on events.
#include "state.h"
#include "stream_work.h"

using namespace standin;

namespace {

CUresult find(CUevent handle, Event *&event) {
  if (!driver().initialised) return CUDA_ERROR_NOT_INITIALIZED;
  if (!is_handle(handle, Kind::EVENT)) return CUDA_ERROR_INVALID_HANDLE;
  event = reinterpret_cast<Event *>(handle);
  return is_handle(event->context, Kind::CONTEXT) ? event->context->broken : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

} // namespace

CUresult cuEventCreate(CUevent *handle, unsigned int flags) {
  Lock lock;
  Context *context;
  const unsigned known = CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING;
  if (handle == nullptr || (flags & ~known) != 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  Event *const event = new Event();
  event->context = context;
  event->timed = (flags & CU_EVENT_DISABLE_TIMING) == 0;
  remember_handle(event, Kind::EVENT);
  *handle = reinterpret_cast<CUevent>(event);
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy(CUevent handle) {
  Lock lock;
  if (!is_handle(handle, Kind::EVENT)) return CUDA_ERROR_INVALID_HANDLE;
  forget_handle(handle);
  delete reinterpret_cast<Event *>(handle);
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent handle, CUstream stream_handle) {
  Lock lock;
  Event *event;
  Context *context;
  Stream *stream;
  CUresult result = find(handle, event);
  if (result == CUDA_SUCCESS) result = current_context(context);
  if (result == CUDA_SUCCESS) result = find_stream(*context, stream_handle, stream);
  if (result != CUDA_SUCCESS) return result;
  if (event->context != context) return CUDA_ERROR_INVALID_HANDLE;
  event->capture = stream->capture;
  event->captured_stream = stream;
  if (stream->capture != nullptr) {
    event->mark = nullptr;
    return CUDA_SUCCESS;
  }
  event->mark = std::make_shared<Mark>();
  return give(*stream, nullptr, event->mark);
}

CUresult cuEventQuery(CUevent handle) {
  Lock lock;
  Event *event;
  const CUresult result = find(handle, event);
  if (result != CUDA_SUCCESS) return result;
  if (event->capture != nullptr) return CUDA_ERROR_CAPTURED_EVENT;
  nudge(*event->context);
  if (event->context->broken != CUDA_SUCCESS) return event->context->broken;
  return event->mark == nullptr || event->mark->reached ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

CUresult cuEventSynchronize(CUevent handle) {
  Lock lock;
  Event *event;
  const CUresult result = find(handle, event);
  if (result != CUDA_SUCCESS) return result;
  if (event->capture != nullptr) return CUDA_ERROR_CAPTURED_EVENT;
  return event->mark == nullptr ? CUDA_SUCCESS : finish(*event->context, *event->mark);
}

// Times are those of the CPU: they say in what order things happened, and
// nothing about a GPU.
CUresult cuEventElapsedTime(float *milliseconds, CUevent start_handle, CUevent end_handle) {
  Lock lock;
  Event *start, *end;
  if (milliseconds == nullptr) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = find(start_handle, start);
  if (result == CUDA_SUCCESS) result = find(end_handle, end);
  if (result != CUDA_SUCCESS) return result;
  if (!start->timed || !end->timed || start->mark == nullptr || end->mark == nullptr) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!start->mark->reached || !end->mark->reached) return CUDA_ERROR_NOT_READY;
  *milliseconds = float(end->mark->milliseconds - start->mark->milliseconds);
  return CUDA_SUCCESS;
}

#include "stream_work.h"

namespace standin {
namespace {

uint64_t draw() {
  uint64_t &state = driver().order;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

// Does the first step of a stream, after what that step waits for.
void advance(Stream &stream) {
  Context &context = *stream.context;
  const std::shared_ptr<Mark> after = stream.queue.front().after;
  while (after != nullptr && !after->reached && context.broken == CUDA_SUCCESS) {
    if (after->stream->queue.empty()) break; // of another context, and broken there
    advance(*after->stream);
  }
  if (context.broken != CUDA_SUCCESS || stream.queue.empty()) return;
  const Step step = std::move(stream.queue.front());
  stream.queue.pop_front();
  const CUresult result = step.work == nullptr ? CUDA_SUCCESS : step.work();
  if (step.mark != nullptr) {
    step.mark->reached = true;
    step.mark->milliseconds = now();
  }
  if (result != CUDA_SUCCESS) break_context(context, result);
}

std::vector<Stream *> busy_streams(Context &context) {
  std::vector<Stream *> busy;
  if (!context.null_stream.queue.empty()) busy.push_back(&context.null_stream);
  for (Stream *stream : context.streams) {
    if (!stream->queue.empty()) busy.push_back(stream);
  }
  return busy;
}

void advance_some(Context &context) {
  const std::vector<Stream *> busy = busy_streams(context);
  if (busy.empty()) return;
  advance(*busy[driver().order == 0 ? 0 : draw() % busy.size()]);
}

void forget_finished_streams(Context &context) {
  for (auto it = context.streams.begin(); it != context.streams.end();) {
    Stream *stream = *it;
    if (stream->destroyed && stream->queue.empty()) {
      it = context.streams.erase(it);
      delete stream;
    } else {
      ++it;
    }
  }
}

// Puts a mark behind what the stream has to do so far.
std::shared_ptr<Mark> mark_end(Stream &stream) {
  auto mark = std::make_shared<Mark>();
  mark->stream = &stream;
  stream.queue.push_back({nullptr, nullptr, mark});
  return mark;
}

// The null stream waits for all streams that wait for it, and they for it.
void order_with_null_stream(Stream &stream) {
  Context &context = *stream.context;
  if (&stream == &context.null_stream) {
    for (Stream *other : context.streams) {
      if (!other->waits_for_null || other->queue.empty()) continue;
      stream.queue.push_back({mark_end(*other), nullptr, nullptr});
    }
  } else if (stream.waits_for_null && !context.null_stream.queue.empty()) {
    stream.queue.push_back({mark_end(context.null_stream), nullptr, nullptr});
  }
}

// Lets streams get on with their work for as long as the seed says.
void run_a_while(Context &context) {
  if (driver().order == 0) {
    finish(context);
    return;
  }
  const uint64_t bits = draw();
  if ((bits & 1) != 0) return;
  for (uint64_t steps = (bits >> 1) & 7; steps > 0; steps--) advance_some(context);
}

} // namespace

CUresult find_stream(Context &context, CUstream handle, Stream *&stream) {
  if (handle == nullptr || handle == CU_STREAM_LEGACY) {
    stream = &context.null_stream;
    return CUDA_SUCCESS;
  }
  stream = reinterpret_cast<Stream *>(handle);
  if (!is_handle(handle, Kind::STREAM)) return CUDA_ERROR_INVALID_HANDLE;
  return stream->context == &context ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult give(Stream &stream, Work work, std::shared_ptr<Mark> mark, std::shared_ptr<Mark> after) {
  if (stream.capture != nullptr) {
    if (stream.capture->invalidated) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    if (work != nullptr) stream.capture->work.push_back(std::move(work));
    if (&stream != stream.capture->origin) stream.capture->unjoined.insert(&stream);
    return CUDA_SUCCESS;
  }
  Context &context = *stream.context;
  // A graph gives its work launch by launch, of which one may break the context.
  if (context.broken != CUDA_SUCCESS) return context.broken;
  if (&stream == &context.null_stream && forbidden_while_capturing(context)) {
    return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
  }
  order_with_null_stream(stream);
  if (mark != nullptr) mark->stream = &stream;
  stream.queue.push_back({std::move(after), std::move(work), std::move(mark)});
  run_a_while(context);
  return CUDA_SUCCESS;
}

// Nothing that waits will ever run, so nobody may wait for it.
void break_context(Context &context, CUresult fault) {
  const auto drop = [](Stream &stream) {
    for (Step &step : stream.queue) {
      if (step.mark != nullptr) step.mark->reached = true;
    }
    stream.queue.clear();
  };
  context.broken = fault;
  drop(context.null_stream);
  for (Stream *stream : context.streams) drop(*stream);
}

CUresult finish(Stream &stream) {
  while (!stream.queue.empty()) advance(stream);
  return stream.context->broken;
}

CUresult finish(Context &context) {
  while (!busy_streams(context).empty()) advance_some(context);
  forget_finished_streams(context);
  return context.broken;
}

CUresult finish(Context &context, Mark &mark) {
  while (!mark.reached && context.broken == CUDA_SUCCESS) advance(*mark.stream);
  return context.broken;
}

CUresult finish_null_stream(Context &context) {
  finish(context.null_stream);
  for (Stream *stream : context.streams) {
    if (stream->waits_for_null) finish(*stream);
  }
  return context.broken;
}

void nudge(Context &context) { advance_some(context); }

} // namespace standin

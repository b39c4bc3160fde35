// How streams get through their work. A stream does what it is given in order.
// When it does so is drawn from the seed, at the latest when somebody waits for
// it, so that a program that forgets to wait is found out. Seed 0 delays nothing.
#ifndef MODSPEC_STANDIN_STREAM_WORK_H
#define MODSPEC_STANDIN_STREAM_WORK_H

#include "state.h"

namespace standin {

// The stream of a handle: the null stream for 0 and the two legacy handles.
CUresult find_stream(Context &context, CUstream handle, Stream *&stream);

// Gives a stream work, or, while it captures, records it. The work may be empty.
CUresult give(Stream &stream, Work work, std::shared_ptr<Mark> mark = nullptr,
              std::shared_ptr<Mark> after = nullptr);

// Does all of a stream's work, of a context's work, or what comes before a mark.
// Answers the fault that broke the context, if one did.
CUresult finish(Stream &stream);
CUresult finish(Context &context);
CUresult finish(Context &context, Mark &mark);

// What a call that waits without naming a stream waits for: the null stream and
// those that wait for it, but not streams made with CU_STREAM_NON_BLOCKING.
CUresult finish_null_stream(Context &context);

// Breaks a context: its work is dropped, and every call answers the fault.
void break_context(Context &context, CUresult fault);

// Does one step of some stream, if there is one: a program that polls gets on.
void nudge(Context &context);

} // namespace standin

#endif

// Driver calls on recorded graphs: a graph is the list of work that streams were
// given while it was recorded, and a launch gives it to a stream again.
#include "state.h"
#include "stream_work.h"

using namespace standin;

CUresult cuGraphInstantiateWithFlags(CUgraphExec *exec_handle, CUgraph handle, unsigned long long flags) {
  Lock lock;
  Context *context;
  if (exec_handle == nullptr || flags != 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = current_context(context);
  if (result != CUDA_SUCCESS) return result;
  if (!is_handle(handle, Kind::GRAPH)) return CUDA_ERROR_INVALID_VALUE;
  GraphExec *const exec = new GraphExec();
  exec->work = reinterpret_cast<Graph *>(handle)->work;
  remember_handle(exec, Kind::GRAPH_EXEC);
  *exec_handle = reinterpret_cast<CUgraphExec>(exec);
  return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream_handle) {
  Lock lock;
  Context *context;
  Stream *stream;
  CUresult result = current_context(context);
  if (result == CUDA_SUCCESS) result = find_stream(*context, stream_handle, stream);
  if (result != CUDA_SUCCESS) return result;
  if (!is_handle(handle, Kind::GRAPH_EXEC)) return CUDA_ERROR_INVALID_VALUE;
  const std::vector<Work> work = reinterpret_cast<GraphExec *>(handle)->work;
  for (size_t i = 0; i < work.size() && result == CUDA_SUCCESS; i++) result = give(*stream, work[i]);
  return result;
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  Lock lock;
  if (!is_handle(handle, Kind::GRAPH_EXEC)) return CUDA_ERROR_INVALID_VALUE;
  forget_handle(handle);
  delete reinterpret_cast<GraphExec *>(handle);
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
  Lock lock;
  if (!is_handle(handle, Kind::GRAPH)) return CUDA_ERROR_INVALID_VALUE;
  forget_handle(handle);
  delete reinterpret_cast<Graph *>(handle);
  return CUDA_SUCCESS;
}

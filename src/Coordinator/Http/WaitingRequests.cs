using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MetaMap.Coordinator.Http;

/// <summary>Requests that wait for what workers compute. The node does not wait for them when it ends: what <see cref="HttpContext.RequestAborted"/> ends is answered with 503.</summary>
internal static class WaitingRequests
{
    /// <summary>Applies to a route whose handler reads <see cref="HttpContext.RequestAborted"/>; a token among its parameters is bound too early.</summary>
    public static RouteHandlerBuilder WaitsForWorkers(this RouteHandlerBuilder route) => route.AddEndpointFilter(Filter);

    private static async ValueTask<object?> Filter(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        HttpContext context = invocation.HttpContext;
        CancellationToken left = context.RequestAborted;
        CancellationToken stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(left, stopping);
        context.RequestAborted = over.Token;
        try
        {
            return await next(invocation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !left.IsCancellationRequested)
        {
            return Problems.Of(context, StatusCodes.Status503ServiceUnavailable, "This coordinator is shutting down: ask another one of the cluster, or this one when it is back.");
        }
        finally
        {
            context.RequestAborted = left;
        }
    }
}

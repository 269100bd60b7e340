using Polly;
using Polly.Retry;

namespace MetaMap.Coordinator.Stores;

/// <summary>Retries what is blocked for a moment.</summary>
internal static class Patience
{
    /// <summary>Retries until it works. The failure is thrown once the time is over, or at once when it cannot pass.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="interval">Time between two tries.</param>
    /// <param name="limit">Total time, from now on.</param>
    /// <param name="passes">Whether a failure may be gone at the next try.</param>
    /// <param name="again">Receives a failure and the remaining time.</param>
    public static ResiliencePipeline Of(TimeProvider time, TimeSpan interval, TimeSpan limit, Func<Exception, bool> passes, Action<Exception, TimeSpan>? again = null)
    {
        long began = time.GetTimestamp();
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                Delay = interval,
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is { } failure && passes(failure) && time.GetElapsedTime(began) < limit),
                OnRetry = attempt =>
                {
                    again?.Invoke(attempt.Outcome.Exception!, limit - time.GetElapsedTime(began));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }
}

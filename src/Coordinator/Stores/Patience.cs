using Polly;
using Polly.Retry;

namespace MetaMap.Coordinator.Stores;

/// <summary>Tries again what others are in the way of for a moment.</summary>
internal static class Patience
{
    /// <summary>Tries until it works; the last failure stands once the time is over, and one that does not pass at once.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="interval">Between two tries.</param>
    /// <param name="limit">From now on.</param>
    /// <param name="passes">Whether a failure may be gone at the next try.</param>
    /// <param name="again">Told a failure, and the time that is left.</param>
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

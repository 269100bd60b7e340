using System.Collections.Concurrent;
using MetaMap.Testing;
using MetaMap.Worker.Sessions;

namespace MetaMap.Worker.Tests.Sessions;

public sealed class SessionThreadTests
{
    private readonly ConcurrentQueue<string> _done = [];
    private readonly ManualTime _time = new();
    private volatile bool _isTraining;

    [Fact]
    public void Predict_BesideWaitingAdaptations_GoesFirst()
    {
        using SessionThread thread = new(SessionShare.Full(0.25, 2), () => _isTraining, _time);
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim go = new();
        thread.Adapt(() =>
        {
            begun.Set();
            go.Wait(TestTime.Limit);
            _done.Enqueue("first");
        });
        Assert.True(begun.Wait(TestTime.Limit));
        thread.Adapt(() => _done.Enqueue("adaptation"));
        thread.Predict(() => _done.Enqueue("prediction"));
        go.Set();
        Settle(thread);
        Assert.Equal(["first", "prediction", "adaptation"], _done);
    }

    [Fact]
    public void Adapt_InDebtWhileLanesTrain_WaitsAndPredictionsDoNot()
    {
        _isTraining = true;
        using SessionThread thread = new(SessionShare.Full(0.25, 2), () => _isTraining, _time);
        thread.Adapt(() => _time.Advance(TimeSpan.FromSeconds(SessionShare.BurstSeconds + 10)));
        thread.Adapt(() => _done.Enqueue("adaptation"));
        using ManualResetEventSlim predicted = new();
        thread.Predict(predicted.Set);
        Assert.True(predicted.Wait(TestTime.Limit));
        Assert.Empty(_done);
        _isTraining = false;
        Settle(thread);
        Assert.Equal(["adaptation"], _done);
    }

    private static void Settle(SessionThread thread)
    {
        using ManualResetEventSlim settled = new();
        thread.Adapt(settled.Set);
        Assert.True(settled.Wait(TestTime.Limit));
    }
}

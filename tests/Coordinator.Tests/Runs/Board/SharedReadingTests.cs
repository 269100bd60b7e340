using MetaMap.Coordinator.Runs.Board;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Runs.Board;

public sealed class SharedReadingTests
{
    [Fact]
    public async Task Take_ManyWhileOneReads_ShareTheNext()
    {
        using SemaphoreSlim begun = new(0);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int readings = 0;
        SharedReading<int> reading = new(async () =>
        {
            int mine = Interlocked.Increment(ref readings);
            begun.Release();
            await gate.Task;
            return mine;
        });
        Task<int> first = reading.Take();
        Assert.True(await begun.WaitAsync(TestTime.Limit));
        Task<int>[] meanwhile = [.. Enumerable.Range(0, 50).Select(_ => reading.Take())];
        gate.SetResult();
        Assert.Equal(1, await first.WaitAsync(TestTime.Limit));
        Assert.All(await Task.WhenAll(meanwhile).WaitAsync(TestTime.Limit), read => Assert.Equal(2, read));
        Assert.Equal(3, await reading.Take().WaitAsync(TestTime.Limit));
    }

    [Fact]
    public async Task Take_AfterOneFailed_ReadsAgain()
    {
        int readings = 0;
        SharedReading<int> reading = new(() => Interlocked.Increment(ref readings) == 1 ? Task.FromException<int>(new IOException("no")) : Task.FromResult(readings));
        await Assert.ThrowsAsync<IOException>(() => reading.Take().WaitAsync(TestTime.Limit));
        Assert.Equal(2, await reading.Take().WaitAsync(TestTime.Limit));
    }
}

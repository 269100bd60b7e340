using MetaMap.Coordinator.Stores;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Stores;

public sealed class PatienceTests
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly ManualTime _time = new();
    private readonly List<double> _left = [];
    private int _tries;

    [Fact]
    public async Task Of_WhatPasses_IsTriedUntilItWorks()
    {
        await Try(failures: 3, TimeSpan.FromSeconds(10));
        Assert.Equal(4, _tries);
        Assert.Equal([50, 40, 30], _left);
    }

    [Fact]
    public async Task Of_WhatDoesNotPass_IsTriedForTheTimeAndThrowsTheLast()
    {
        Assert.Equal("try 3", (await Assert.ThrowsAsync<IOException>(() => Try(failures: 10, TimeSpan.FromSeconds(20)))).Message);
        Assert.Equal([40, 20], _left);
    }

    [Fact]
    public async Task Of_AnotherFailure_IsThrownAtOnce()
    {
        await Assert.ThrowsAsync<IOException>(() => Try(failures: 1, TimeSpan.Zero, passes: false));
        Assert.Equal(1, _tries);
    }

    private async Task Try(int failures, TimeSpan each, bool passes = true) => await Patience
        .Of(_time, _interval, _limit, error => passes && error is IOException, (_, left) => _left.Add(left.TotalSeconds))
        .ExecuteAsync(_ =>
        {
            _time.Advance(each);
            return ++_tries <= failures ? throw new IOException($"try {_tries}") : ValueTask.CompletedTask;
        });
}

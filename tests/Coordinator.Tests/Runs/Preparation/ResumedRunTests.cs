using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Testing;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Tests.Runs.Preparation;

public sealed class ResumedRunTests
{
    private static readonly RunOptions _cosine = TinyRun.Options with { Iterations = 50, MetaLrFinal = 0.0001 };

    [Fact]
    public void Change_AnotherLengthOfACosine_IsSaid() => Assert.Equal(
        "The first 40 iterations were trained along the cosine of 50; from now on --meta-lr follows that of 100 to 0.0001, so the model will be another than that of one run of 100 iterations.",
        ResumedRun.Change(_cosine, 40, _cosine with { Iterations = 100 }));

    [Fact]
    public void Change_TheSameBitsAsOneLongRun_IsNone()
    {
        Assert.Null(ResumedRun.Change(_cosine, 40, _cosine));
        Assert.Null(ResumedRun.Change(_cosine, 40, _cosine with { EvalEpisodes = 7 }));
        Assert.Null(ResumedRun.Change(_cosine, 0, _cosine with { Iterations = 100 }));
        Assert.Null(ResumedRun.Change(TinyRun.Options, 5, TinyRun.Options with { Iterations = 100 }));
        RunOptions level = _cosine with { MetaLrFinal = _cosine.MetaLr };
        Assert.Null(ResumedRun.Change(level, 40, level with { Iterations = 100 }));
    }
}

using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Core.Options;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Tests.Runs.Lifecycle;

public sealed class RunNameTests
{
    [Theory]
    [InlineData("maml", "-maml-")]
    [InlineData("maml++", "-mamlpp-")]
    public void For_Algorithm_IsANameThatARunCanHave(string algorithm, string part)
    {
        RunId name = RunName.For(OptionValues.Of(("algorithm", algorithm)).Resolve(), TimeProvider.System);
        Assert.Contains(part, name.Value, StringComparison.Ordinal);
        Assert.True(RunName.IsName(name.Value), name.Value);
    }
}

using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Tests.Runs.Lifecycle;

/// <summary>The whole table: each row one status, each column one command, the same for every owner unless there are two words.</summary>
public sealed class RunLifecycleTests
{
    private const string Table = """
        status    Pause     Resume    Stop      Delete    TakeUp    Release
        Queued    Paused    Queued    Stopped   Deleted   Training  Queued
        Training  Paused    Queued/Training Stopped Deleted Training Training/Queued
        Paused    Paused    Queued    Stopped   Deleted   refused   Paused
        Finished  refused   refused   Finished  Deleted   refused   Finished
        Stopped   refused   Queued    Stopped   Deleted   refused   Stopped
        Failed    refused   Queued    Failed    Deleted   refused   Failed
        Deleted   refused   refused   refused   refused   refused   refused
        """;

    [Fact]
    public void After_EveryStatusOwnerAndCommand_IsAsTheTableHasIt()
    {
        string[][] rows = [.. Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(Enum.GetNames<RunCommand>(), rows[0][1..]);
        Assert.Equal(Enum.GetNames<RunStatus>(), rows[1..].Select(row => row[0]));
        foreach (RunStatus status in Enum.GetValues<RunStatus>())
        {
            foreach (RunCommand command in Enum.GetValues<RunCommand>())
            {
                string[] expected = rows[1 + (int)status][1 + (int)command].Split('/');
                foreach (RunOwnership owner in Enum.GetValues<RunOwnership>())
                {
                    RunTransition after = RunLifecycle.After(status, owner, command);
                    string word = owner == RunOwnership.Here ? expected[^1] : expected[0];
                    Assert.Equal((word, status, owner, command), (after.Refusal is null ? after.Status.ToString() : "refused", status, owner, command));
                    Assert.True(after.Refusal is null || after.Status == status);
                }
            }
        }
    }

    [Theory]
    [InlineData(RunStatus.Failed, RunCommand.Pause, "is failed, so there is nothing to pause.")]
    [InlineData(RunStatus.Finished, RunCommand.Resume, "is finished; `metamap train --resume` with its folder and more --iterations goes on with it.")]
    [InlineData(RunStatus.Paused, RunCommand.TakeUp, "is paused, so nobody takes it up.")]
    public void After_Refused_SaysWhyAndWhatToDo(RunStatus status, RunCommand command, string refusal) =>
        Assert.Equal(refusal, RunLifecycle.After(status, RunOwnership.Nobody, command).Refusal);
}

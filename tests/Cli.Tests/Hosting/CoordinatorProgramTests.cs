using System.Net;
using System.Net.Sockets;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Hosting;

/// <summary>The program in the image of a coordinator, which is built without TorchSharp and libtorch.</summary>
public sealed class CoordinatorProgramTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public CoordinatorProgramTests()
    {
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(Repository.Program)!).Where(file => !Path.GetFileName(file).Contains("Torch", StringComparison.OrdinalIgnoreCase)))
        {
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
        }
    }

    private string Program => Path.Combine(_folder.Path, Path.GetFileName(Repository.Program));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("worker")]
    [InlineData("train", "--iterations", "1")]
    public async Task CommandThatComputes_WithoutTorchSharp_SaysWhereItRuns(params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.RunProgram(Program, new Dictionary<string, string>(), arguments);
        Assert.Equal((2, ""), (call.ExitCode, call.Output));
        Assert.Equal("metamap: This is the program of a coordinator, which computes nothing and has no libtorch; run this command in the image of a worker (metamap-worker), or through ./metamap.\n", call.Errors);
    }

    [Fact]
    public async Task Coordinator_WithoutTorchSharp_PreparesARunOfItsAlgorithmAndNetwork()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        MetamapCommand call = await MetamapCommand.RunProgram(
            Program, new Dictionary<string, string>(), "coordinator", "--algorithm", "cavia", "--model", "resnet12", "--port", MetamapCommand.PortOf(taken), "--runs", _folder["runs"]);
        Assert.Equal(2, call.ExitCode);
        Assert.Contains("--port", call.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coordinator_RunsFolderIsNotWritable_IsOneSentence()
    {
        if (OperatingSystem.IsLinux()) // where not even root makes files in /sys
        {
            await MetamapCommand.AssertRefused(2, $"--runs /sys/runs is not writable for the user {Environment.UserName} (permission denied)", "coordinator", "--runs", "/sys/runs");
        }
    }
}

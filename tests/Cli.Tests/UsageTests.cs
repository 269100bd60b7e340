using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>Wrong usage and configuration: exit code 2 and one sentence.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("`metamap run` needs one of its commands: start, list, status, pause, resume, stop, delete or audit. Run `metamap run --help` for its commands.", "run")]
    [InlineData("`metamap` has no command 'trian'. Did you mean train?", "trian")]
    [InlineData("`metamap run` has no command 'strt'. Did you mean start?", "run", "strt")]
    [InlineData("`metamap` has no command 'pause'. Did you mean `metamap run pause`?", "pause", "x")]
    [InlineData("`metamap train` has no option '--iteration'. Did you mean --iterations? Run `metamap train --help` for the options.", "train", "--iteration", "5")]
    [InlineData("`metamap train` has no option '--weight'. `metamap run start` has one.", "train", "--weight", "2")]
    [InlineData("`metamap train` has no option '--url'. Run `metamap train --help`", "train", "--url", "x")]
    [InlineData("`metamap run start` has no option '--eval-episodes'. `metamap train` has one.", "run", "start", "--eval-episodes", "5")]
    [InlineData("has no option '--eval-episodes'", "coordinator", "--eval-episodes", "5")]
    [InlineData("`metamap workers` has no argument 'all'.", "workers", "all")]
    [InlineData("--threads is 4000000, but it must be 1024 or less", "train", "--threads", "4000000")]
    [InlineData("--threads is 1025, but it must be 1024 or less", "worker", "--threads", "1025")]
    [InlineData("--threads is 1025, but it must be 1024 or less", "evaluate", "--threads", "1025")]
    [InlineData("--threads is 1025, but it must be 1024 or less", "bench", "--threads", "1025")]
    [InlineData("--threads is 1025, but it must be 1024 or less", "bench", "cluster", "--threads", "1025")]
    [InlineData("--workers is 257, but it must be 256 or less", "train", "--workers", "257")]
    [InlineData("--version is -1, but versions are iterations, from 0 on.", "model", "--version", "-1")]
    [InlineData("Without --query nothing is predicted, so --csv would do nothing", "adapt", "--support", "s", "--out", "a.safetensors", "--csv")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("'--bogus'", "train", "--bogus")]
    [InlineData("'five'", "train", "--ways", "five")]
    [InlineData("--ways is 0, but it must be 2 or more.", "train", "--ways", "0")]
    [InlineData("--shots is 0, but it must be 1 or more.", "train", "--shots", "0")]
    [InlineData("--iterations is -1, but it must be 0 or more.", "train", "--iterations", "-1")]
    [InlineData("--iterations is -5, but it must be 0 or more.", "train", "--iterations", "-5")]
    [InlineData("--meta-lr is 0, but it must be a finite number above 0.", "train", "--meta-lr", "0")]
    [InlineData("more parameters than a vector can hold", "train", "--filters", "2000000000")]
    [InlineData("There is no dataset 'cifar'", "train", "--dataset", "cifar")]
    [InlineData("pass --data with", "train", "--dataset", "omniglot")]
    [InlineData("there is no split mine", "train", "--split", "mine")]
    [InlineData("There is no model 'resnet'", "train", "--model", "resnet")]
    [InlineData("There is no algorithm 'magic'", "train", "--algorithm", "magic")]
    [InlineData("--threads is 0, but it must be 1 or more.", "train", "--threads", "0")]
    [InlineData("--workers is -1, but it must be 0 or more.", "train", "--workers", "-1")]
    [InlineData("--http-port is -5, but a port is a number from 1 to 65535.", "train", "--http-port", "-5")]
    [InlineData("--http-port is 70000", "train", "--http-port", "70000")]
    [InlineData("no-such-config.json cannot be read", "train", "--config", "no-such-config.json")]
    [InlineData("no-such-run holds no run that can be resumed", "train", "--resume", "no-such-run")]
    [InlineData("exclude each other", "train", "--resume", "a", "--out", "b")]
    [InlineData("'/' cannot be the directory of a run", "train", "--out", "/")]
    [InlineData("'' cannot be the directory of a run", "train", "--out", "")]
    [InlineData("--name is empty, but it must have a value.", "run", "start", "--name=", "--iterations", "5")]
    [InlineData("'a=' is not a name for a run", "coordinator", "--name=a=")]
    [InlineData("'../x' is not a name for a run", "coordinator", "--name", "../x")]
    [InlineData("70000", "coordinator", "--port", "70000", "--no-run")]
    [InlineData("--http-port is -1", "coordinator", "--http-port", "-1", "--no-run")]
    [InlineData("--ways is 1", "coordinator", "--ways", "1")]
    [InlineData("is not the address of a node", "worker", "--coordinator", "somewhere")]
    [InlineData("--adaptations-per-minute must be 1 or more.", "coordinator", "--adaptations-per-minute", "0")]
    [InlineData("--iterations is 4, but it must be 10 or more: the rate is measured from the fifth on.", "bench", "--iterations", "4")]
    [InlineData("--iterations is 3, but it must be 4 or more", "bench", "lane", "--iterations", "3")]
    [InlineData("There is no work 'C'; choose among A, B, M.", "bench", "train", "--work", "A,C")]
    [InlineData("--repeats must be 1 or more.", "bench", "train", "--repeats", "0")]
    [InlineData("--seconds must be 1 or more.", "bench", "train", "--seconds", "0")]
    [InlineData("--block must be 1 or more.", "bench", "train", "--block", "0")]
    [InlineData("--seconds must be 1 or more.", "bench", "lane", "--seconds", "0")]
    [InlineData("--lease-deadline is 0, but it must be from 1 to 86400 seconds.", "coordinator", "--lease-deadline", "0")]
    [InlineData("--keep-versions is 0, but the newest version is always kept: it must be 1 or more.", "coordinator", "--keep-versions", "0")]
    [InlineData("--keep-every is -1, but it must be 1 or more iterations, or 0 for none.", "train", "--keep-every", "-1")]
    [InlineData("--checkpoint-interval is 86401, but it must be from 1 to 86400 seconds.", "coordinator", "--checkpoint-interval", "86401")]
    [InlineData("Of several coordinators each would start a run of its own", "coordinator", "--seeds", "127.0.0.1:4053,127.0.0.1:4054")]
    [InlineData("must be 1 or more", "worker", "--threads", "0")]
    [InlineData("it must be an HTTP address", "status", "--url", "somewhere")]
    [InlineData("it must be an HTTP address", "health", "--url", "ftp://127.0.0.1")]
    [InlineData("--device is 'gpu', but it must be auto, cpu, cuda, or cuda: and indices of GPUs", "worker", "--device", "gpu")]
    [InlineData("cuda: must be followed by different indices of GPUs", "train", "--device", "cuda:0,0")]
    [InlineData("--ways is 0", "run", "start", "--ways", "0")]
    [InlineData("Required argument", "run", "status")]
    [InlineData("--out names no file", "model", "--out", "")]
    [InlineData("--min-workers is '1.5', but it must be a whole number.", "train", "--min-workers", "1.5")]
    [InlineData("--patience is '99999999999', but it must be a smaller number.", "train", "--patience", "99999999999")]
    [InlineData("--inner-lr is '0,05', but it must be a number such as 0.5, with a point for decimals and nothing between thousands.", "train", "--inner-lr", "0,05")]
    [InlineData("--weight is '1.000,5', but it must be a number such as 0.5, with a point", "run", "start", "--weight", "1.000,5")]
    [InlineData("--iterations is '1,000', but it must be a whole number such as 1000, with nothing between thousands.", "train", "--iterations", "1,000")]
    [InlineData("--weight is 'much', but it must be a number such as 0.5. Run `metamap run start --help`", "run", "start", "--weight", "much")]
    [InlineData("--weight is 0, but it must be a number above 0, such as 2 for twice the workers", "run", "start", "--weight", "0")]
    [InlineData("--min-workers is 0, but it must be 1 or more.", "train", "--min-workers", "0")]
    [InlineData("--weight is 1.7E+308, but it must be from 0.001 to 1000", "run", "start", "--weight", "1.7e308")]
    [InlineData("--meta-lr is 1.7E+308, but it must be 3.4E+38 or less", "train", "--meta-lr", "1.7e308")]
    [InlineData("--iterations is empty, but it must be a whole number. Run `metamap train --help`", "train", "--iterations", "")]
    [InlineData("--inner-lr is empty, but it must be a number such as 0.5. Run", "train", "--inner-lr", "")]
    [InlineData("There is no dataset 'omnigolt'; choose one of glyphs,", "train", "--dataset", "omnigolt")]
    [InlineData(" Did you mean omniglot?", "train", "--dataset", "omnigolt")]
    [InlineData(" Did you mean conv4?", "train", "--model", "conv5")]
    [InlineData("`metamap coordinator` has no option '--out'. Did you mean --runs?", "coordinator", "--out", "x")]
    [InlineData("`metamap worker` has no option '--url'. Did you mean --coordinator?", "worker", "--url", "x")]
    [InlineData("`metamap evaluate` has no option '--model'. Did you mean --file?", "evaluate", "--model", "x")]
    [InlineData("`metamap bench` has no option '--eval-episodes'.", "bench", "--eval-episodes", "5")]
    public Task Call_WrongUsage_Is2AndOneSentence(string reason, params string[] arguments) => MetamapCommand.AssertRefused(2, reason, arguments);

    [Theory]
    [InlineData("0", "metamap: --threads is 0, but it must be 1 or more.\n")]
    [InlineData("x", "metamap: --threads is 'x', but it must be a whole number. Run `metamap worker --help` for the options.\n")]
    public async Task Call_RefusedValue_IsASentenceAloneAndAWordThatIsNoneNamesTheHelp(string threads, string errors) =>
        Assert.Equal(errors, (await MetamapCommand.Run("worker", "--threads", threads)).Errors);

    [Fact]
    public Task Call_ByAScript_NamesCommandsAsTheyAreCalled() => MetamapCommand.AssertRefusedIn(
        new Dictionary<string, string> { ["METAMAP_COMMAND"] = "./metamap" }, 3, "start one with `./metamap coordinator` or `./metamap train`,", "status", "--url", MetamapCommand.DeadUrl());

    [Theory]
    [InlineData(2, "configuration file", "train", "--config")]
    [InlineData(2, "The token file cannot be read", "status", "--token-file")]
    [InlineData(2, "cannot be read as the certificate of an authority", "status", "--url", "https://127.0.0.1:1", "--ca")]
    [InlineData(2, "The tokens file cannot be read", "coordinator", "--no-run", "--tokens")]
    [InlineData(4, "cannot be read", "evaluate", "--file")]
    [InlineData(4, "cannot be read", "train", "--init")]
    public async Task Call_FolderWhereAFileIsWanted_IsSaid(int exitCode, string what, params string[] arguments)
    {
        using TemporaryDirectory folder = new();
        string[] given = [.. arguments, folder.Path];
        await MetamapCommand.AssertRefused(exitCode, $"{folder.Path} is a folder, but a file is wanted.", given);
        await MetamapCommand.AssertRefused(exitCode, what, given);
    }

    [Theory]
    [InlineData("train", "--iterations", "1", "--out")]
    [InlineData("coordinator", "--no-run", "--runs")]
    public async Task Call_NoFolderWhereOneIsWanted_IsSaid(params string[] arguments)
    {
        using TemporaryDirectory folder = new();
        await File.WriteAllTextAsync(folder["file"], "");
        await MetamapCommand.AssertRefused(2, "file is a file, but a folder is wanted: give another path.", [.. arguments, folder["file"]]);
        await MetamapCommand.AssertRefused(2, $"cannot be a folder, because {folder["file"]} is a file", [.. arguments, folder["file/runs"]]);
        if (!OperatingSystem.IsWindows())
        {
            using Process made = Process.Start("mkfifo", folder["pipe"]);
            await made.WaitForExitAsync();
            await MetamapCommand.AssertRefused(2, "pipe is a device, pipe or socket, but a folder is wanted: give another path.", [.. arguments, folder["pipe"]]);
        }
    }

    [Fact]
    public Task Call_WrongUsageInAProcess_IsRefusedAlike() => MetamapCommand.AssertRefusedIn(
        new Dictionary<string, string>(), 2, "--ways is 0, but it must be 2 or more.", "train", "--ways", "0");

    [Fact]
    public async Task Help_Usage_NamesTheCommandAsPeopleCallIt() =>
        Assert.Contains("\n  metamap run start ", (await MetamapCommand.Run("run", "start", "--help")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Libtorch_FolderWithoutOne_Is2AndSaysWhatIsMissing()
    {
        using TemporaryDirectory folder = new();
        string reason = $"There is no libtorch_cpu.so in '{folder.Path}'";
        await MetamapCommand.AssertRefusedIn(new Dictionary<string, string>(), 2, reason, "train", "--libtorch", folder.Path);
        await MetamapCommand.AssertRefusedIn(new Dictionary<string, string> { ["METAMAP_LIBTORCH"] = folder.Path }, 2, reason, "bench", "--iterations", "10");
    }

    [Fact]
    public async Task Libtorch_FileThatIsNoneOrCutOff_Is1AndSaysWhichAndWhy()
    {
        using TemporaryDirectory folder = new();
        byte[] whole = await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(Repository.Program)!, "libtorch", "libc10.so"));
        await File.WriteAllTextAsync(folder["libtorch_cpu.so"], "a text that is longer than the header of a library, so that it is taken for one at first");
        await File.WriteAllBytesAsync(folder["libc10.so"], whole);
        await Refused($"The libtorch in {folder.Path} cannot be used: {folder["libtorch_cpu.so"]}: invalid ELF header. TorchSharp 0.107 works with");
        foreach (int bytes in (int[])[100, whole.Length / 2])
        {
            await File.WriteAllBytesAsync(folder["libc10.so"], whole[..bytes]);
            await Refused($"{folder["libc10.so"]}: the file is cut off. TorchSharp");
        }

        Task Refused(string reason) => MetamapCommand.AssertRefusedIn(
            new Dictionary<string, string>(), 1, reason, "worker", "--coordinator", "127.0.0.1:1", "--join-timeout", "1", "--libtorch", folder.Path);
    }

    [Fact]
    public async Task Libtorch_OfAFolder_IsTheOneThatComputes()
    {
        using TemporaryDirectory folder = new();
        Directory.CreateDirectory(folder["lib"]);
        foreach (string library in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Repository.Program)!, "libtorch")))
        {
            File.Copy(library, Path.Combine(folder["lib"], Path.GetFileName(library)));
        }

        await File.WriteAllTextAsync(folder["build-version"], "2.10.0+tests");
        MetamapCommand found = await MetamapCommand.Run("prerequisites", "--device", "cpu", "--libtorch", folder["lib"]);
        Assert.Contains($"libtorch: 2.10.0+tests, {folder["lib"]}, for processors only\n", found.Output, StringComparison.Ordinal);

        // Two of them in one process would end it.
        string[] train = ["train", "--iterations", "1", "--eval-episodes", "0", "--filters", "4", "--json"];
        MetamapCommand own = await MetamapCommand.Run([.. train, "--out", folder["own"]]);
        MetamapCommand other = await MetamapCommand.Run([.. train, "--out", folder["other"], "--libtorch", folder["lib"]]);
        Assert.Equal((0, ""), (other.ExitCode, other.Errors));
        Assert.Equal(ModelSha256(own), ModelSha256(other));

        static string ModelSha256(MetamapCommand trained) =>
            JsonDocument.Parse(trained.Output.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("model_sha256").GetString()!;
    }

    [Fact]
    public async Task Prerequisites_OfAProcessor_AreThereAndThoseOfAGpuThatIsNotAreExplained()
    {
        MetamapCommand processor = await MetamapCommand.Run("prerequisites", "--device", "cpu");
        Assert.Equal((0, ""), (processor.ExitCode, processor.Errors));
        Assert.Matches(@"^NVIDIA driver: .+\n(.+\n)*libtorch: 2\.\d+\.\d.*\ncan be used: cpu\n$", processor.Output);

        MetamapCommand gpu = await MetamapCommand.Run("prerequisites", "--device", "cuda:99", "--json");
        Assert.Equal(2, gpu.ExitCode);
        Assert.StartsWith("metamap: --device ", Assert.Single(gpu.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.StartsWith("""{"what":"NVIDIA driver","found":""", gpu.Output, StringComparison.Ordinal);
    }

    [Fact]
    public Task Coordinator_LimitThatIsNone_Is2AndNamesTheSetting() => MetamapCommand.AssertRefusedIn(
        new Dictionary<string, string> { ["Kestrel__Limits__MaxRequestBodySize"] = "much" }, 2, "'Kestrel:Limits:MaxRequestBodySize'",
        "coordinator", "--no-run", "--port", "0", "--http-port", "0");

    [Theory]
    [InlineData("""{"inner_learning_rate":1}""", "has the unknown key 'inner_learning_rate'")]
    [InlineData("""{"ways":"five"}""", "is not valid JSON for run options at 'ways'")]
    [InlineData("""{"ways":1}""", "--ways is 1")]
    [InlineData("{", "is not valid JSON")]
    public async Task Config_ThatCannotBe_Is2AndOneSentence(string json, string reason)
    {
        using TemporaryDirectory folder = new();
        await File.WriteAllTextAsync(folder["my.json"], json);
        await MetamapCommand.AssertRefused(2, reason, "train", "--config", folder["my.json"]);
    }

    [Theory]
    [InlineData("the HTTP interface cannot listen there; name another with --http-port.", "--port", "0", "--http-port")]
    [InlineData("the cluster interface cannot listen there; name another with --port.", "--http-port", "0", "--port")]
    public async Task Coordinator_PortInUse_Is2AndOneSentence(string reason, params string[] options)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string port = MetamapCommand.PortOf(listener);
        await MetamapCommand.AssertRefusedIn(
            new Dictionary<string, string>(), 2, $"Port {port} on 127.0.0.1 is in use, so {reason}", ["coordinator", "--no-run", .. options, port]);
    }

    /// <summary>A port that was asked for is not exchanged for another; without one, train takes the next that is free.</summary>
    [Fact]
    public async Task Train_PortInUse_Is2AndOneSentence()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string port = MetamapCommand.PortOf(listener);
        using TemporaryDirectory folder = new();
        await MetamapCommand.AssertRefusedIn(
            new Dictionary<string, string>(), 2, $"Port {port} on 127.0.0.1 is in use, so the HTTP interface cannot listen there; name another with --http-port.",
            "train", "--iterations", "1", "--out", folder["run"], "--http-port", port);
    }

    [Theory]
    [InlineData("Description:", "--help")]
    [InlineData("--inner-lr", "train", "--help")]
    [InlineData("--join-timeout", "worker", "--threads", "0", "--help")]
    [InlineData(".", "--version")]
    public async Task Help_IsAResult(string expected, params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.Run(arguments);
        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
        Assert.Contains(expected, call.Output, StringComparison.Ordinal);
    }
}

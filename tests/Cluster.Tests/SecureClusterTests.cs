using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace MetaMap.Cluster.Tests;

/// <summary>A closed cluster of real processes, as docs/SECURITY.md sets it up.</summary>
[Trait("Category", "Slow")]
public sealed class SecureClusterTests : IDisposable
{
    private const string WriteToken = "write-secret-0123456789";
    private const string ReadToken = "read-secret-0123456789";

    private readonly RunFolder _folder = new();
    private readonly string _port = $"{RunFolder.FreePort()}";
    private readonly string _httpPort = $"{RunFolder.FreePort()}";

    private string[] Client => ["--url", $"https://localhost:{_httpPort}", "--ca", Path.Combine(_folder["tls"], "ca.pem")];

    private string[] Reader => [.. Client, "--token-file", _folder["reader"]];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Coordinator_TlsAndTokens_TrainsWithItsOwnAndIsClosedToOthers()
    {
        await MetamapProcess.Run("certs", "--json", "--out", _folder["tls"]);
        await MetamapProcess.Run("certs", "--json", "--out", _folder["foreign"]);
        WriteSecret("tokens", $"write {WriteToken}\nread {ReadToken}\n");
        WriteSecret("reader", ReadToken);
        WriteSecret("writer", WriteToken);
        using MetamapProcess coordinator = MetamapProcess.Start(
            ["coordinator", "--port", _port, "--http-port", _httpPort, "--runs", _folder["runs"], "--name", "small", "--tls", _folder["tls"],
            "--tokens", _folder["tokens"], .. SmallRun.Arguments(iterations: 100_000)]);
        using MetamapProcess worker = Worker("--tls", _folder["tls"]);
        int iteration = await PassesIteration(2, coordinator);

        // Without a token, with too small a one, without the authority, without TLS.
        await AssertRefused(2, "This coordinator wants a token", ["status", .. Client]);
        await AssertRefused(2, "The token may only read", ["run", "stop", "small", .. Reader]);
        await AssertRefused(2, "cannot prove who it is", ["status", "--url", $"https://localhost:{_httpPort}", "--token-file", _folder["reader"]]);
        await AssertRefused(3, "does not speak plain HTTP", ["status", "--url", $"http://localhost:{_httpPort}"]);
        Assert.Equal(0, await ExitOf(["health", .. Client]));

        // Workers without TLS, and of another authority, stay outside.
        using MetamapProcess plain = Worker("--join-timeout", "6");
        using MetamapProcess foreign = Worker("--join-timeout", "6", "--tls", _folder["foreign"]);
        using MetamapProcess patient = Worker("--join-timeout", "300", "--tls", _folder["foreign"]);
        await Poll.Until(
            _ => Task.FromResult(patient.Errors.Contains("not signed by the authority in ca.pem", StringComparison.Ordinal)), () => patient.Errors);
        Assert.Equal(3, await plain.Exit());
        Assert.Equal(3, await foreign.Exit());
        Assert.False(string.IsNullOrEmpty((await MetamapProcess.Run(["workers", "--json", .. Reader])).GetProperty("worker_id").GetString()));
        await PassesIteration(iteration + 2, coordinator);

        await MetamapProcess.Run(["run", "stop", "small", "--json", .. Client, "--token-file", _folder["writer"]]);
        worker.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await worker.Exit());
        coordinator.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await coordinator.Exit());
        AssertNoSecret(coordinator.Errors + worker.Errors + plain.Errors + foreign.Errors + patient.Errors);
        Assert.All(Directory.GetFiles(_folder["runs"], "*", SearchOption.AllDirectories), file => AssertNoSecret(File.ReadAllText(file)));
    }

    [Fact]
    public async Task Train_TlsAndWorkerProcesses_SameBitsAndNoSecretInTheirArguments()
    {
        await MetamapProcess.Run("certs", "--json", "--out", _folder["tls"]);
        WriteSecret("tokens", $"write {WriteToken}\n");
        using MetamapProcess train = MetamapProcess.Start(SmallRun.Train(
            "--workers", "2", "--threads", "1", "--out", _folder["run"], "--http-port", _httpPort, "--tls", _folder["tls"], "--tokens", _folder["tokens"]));
        JsonElement started = await train.Await(element => element.GetProperty("event").GetString() == "started");
        Assert.StartsWith("https://", started.GetProperty("url").GetString(), StringComparison.Ordinal);
        IReadOnlyList<int> workers = train.Children();
        Assert.Equal(2, workers.Count);
        foreach (int worker in workers)
        {
            string arguments = (await File.ReadAllTextAsync($"/proc/{worker}/cmdline")).Replace('\0', ' ');
            Assert.Contains($"--tls {_folder["tls"]}", arguments, StringComparison.Ordinal);
            AssertNoSecret(arguments);
        }

        SmallRun.AssertSameBits(await train.LastEvent());
        Assert.Equal(0, await train.Exit());
        AssertNoSecret(train.Errors + await File.ReadAllTextAsync(Path.Combine(_folder["run"], "config.json")));
    }

    /// <summary>Nothing is wrong with a start, and of a worker that dies only its coordinators have something to say.</summary>
    [Fact]
    public async Task Coordinators_ThreeThatStartAndLoseAWorker_RaiseNoFalseAlarm()
    {
        await MetamapProcess.Run("certs", "--json", "--out", _folder["tls"]);
        string[] ports = [_port, $"{RunFolder.FreePort()}", $"{RunFolder.FreePort()}"];
        string seeds = string.Join(',', ports.Select(port => $"127.0.0.1:{port}"));
        MetamapProcess[] coordinators = [.. ports.Select((port, i) => MetamapProcess.Start(
            "coordinator", "--port", port, "--http-port", i == 0 ? _httpPort : $"{RunFolder.FreePort()}", "--runs", _folder["runs"], "--seeds", seeds, "--no-run", "--tls", _folder["tls"]))];
        using MetamapProcess first = MetamapProcess.Start("worker", "--coordinator", seeds, "--threads", "1", "--tls", _folder["tls"]);
        using MetamapProcess second = MetamapProcess.Start("worker", "--coordinator", seeds, "--threads", "1", "--tls", _folder["tls"]);
        string Said() => string.Join('\n', coordinators.Select(coordinator => coordinator.Errors));
        try
        {
            await Poll.Until(_ => Task.FromResult(Said().Split(" joined, lanes: 1").Length == 7), Said);
            AssertCalm(Said());
            first.Signal(MetamapProcess.SigKill);
            await Poll.Until(_ => Task.FromResult(Said().Split(" is gone; its blocks are leased again").Length == 4), Said);
            AssertCalm(Said() + second.Errors);
        }
        finally
        {
            Array.ForEach(coordinators, coordinator => coordinator.Dispose());
        }
    }

    // A busy machine may truly delay a heartbeat; but nobody attacks, and nobody has to be found again.
    private static void AssertCalm(string log) => Assert.All(
        ["handshake failed", "malicious", "Disassociated", "Tried to associate", "acknowledgement"], text => Assert.DoesNotContain(text, log, StringComparison.Ordinal));

    private MetamapProcess Worker(params string[] more) =>
        MetamapProcess.Start(["worker", "--coordinator", $"127.0.0.1:{_port}", "--threads", "1", .. more]);

    private void WriteSecret(string file, string content)
    {
        File.WriteAllText(_folder[file], content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder[file], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private async Task<int> PassesIteration(int iteration, MetamapProcess log)
    {
        using SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(Path.Combine(_folder["tls"], "ca.pem"));
        using HttpClient http = new(handler);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ReadToken);
        await Poll.Json(http, $"https://localhost:{_httpPort}/api/runs/small", run => run.GetProperty("iteration").GetInt32() > iteration, () => log.Errors);
        return (await MetamapProcess.Run(["status", "--json", .. Reader])).GetProperty("iteration").GetInt32();
    }

    private static async Task<int> ExitOf(string[] arguments)
    {
        using MetamapProcess process = MetamapProcess.Start(arguments);
        return await process.Exit();
    }

    private static async Task AssertRefused(int exitCode, string reason, string[] arguments)
    {
        using MetamapProcess process = MetamapProcess.Start(arguments);
        Assert.Equal(exitCode, await process.Exit());
        Assert.Contains(reason, process.Errors, StringComparison.Ordinal);
    }

    private static void AssertNoSecret(string text)
    {
        Assert.DoesNotContain(WriteToken, text, StringComparison.Ordinal);
        Assert.DoesNotContain(ReadToken, text, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
    }
}

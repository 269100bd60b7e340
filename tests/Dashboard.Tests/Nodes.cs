using System.Globalization;
using MetaMap.Cluster.Tests;
using MetaMap.Testing;

namespace MetaMap.Dashboard.Tests;

/// <summary>The processes of one test, and their addresses.</summary>
internal sealed class Nodes : IDisposable
{
    private readonly List<MetamapProcess> _processes = [];
    private readonly string _port = RunFolder.FreePort().ToString(CultureInfo.InvariantCulture);
    private readonly string _httpPort = RunFolder.FreePort().ToString(CultureInfo.InvariantCulture);

    public RunFolder Folder { get; } = new();

    public string Url => $"http://127.0.0.1:{_httpPort}";

    public string Errors => string.Join('\n', _processes.Select(process => process.Errors));

    public Task Serve(string model) => Start("serve", "--file", model, "--http-port", _httpPort);

    public Task Coordinator(params string[] options) => Start(["coordinator", "--port", _port, "--http-port", _httpPort, "--runs", Folder["runs"], "--no-run", .. options]);

    public void Worker() => _processes.Add(MetamapProcess.Start("worker", "--coordinator", $"127.0.0.1:{_port}", "--threads", "1"));

    public void Dispose()
    {
        _processes.ForEach(process => process.Dispose());
        Folder.Dispose();
    }

    private async Task Start(params string[] arguments)
    {
        _processes.Add(MetamapProcess.Start(arguments));
        using HttpClient http = new();
        using CancellationTokenSource timeout = new(TestTime.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(timeout.Token))
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync($"{Url}/healthz/ready", timeout.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }
    }
}

using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Learning;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Native;
using MetaMap.Training.Configuration;
using MetaMap.Data;

namespace MetaMap.Cli.Options;

/// <summary><c>--device</c> and <c>--libtorch</c> of a command that computes.</summary>
internal sealed class DeviceOptions
{
    private const string LibtorchVariable = "METAMAP_LIBTORCH";

    private readonly Option<string> _device = new("--device")
    {
        HelpName = "DEVICE",
        Description = "Where to compute: cpu, cuda (all GPUs, a lane each), cuda:0,1 (these), or auto: GPUs where libtorch finds any, else the processor.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _libtorch = new Option<string?>("--libtorch")
    {
        HelpName = "DIR",
        Description = $"Folder of a libtorch that is installed already, such as torch/lib of a PyTorch; default: {LibtorchVariable}, else the one that comes along.",
    }.Or(LibtorchVariable);

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="threads">Its lanes on the processor, to be refused with GPUs; null where it has none, or they say more.</param>
    public DeviceOptions(Command command, Option? threads = null)
    {
        _device.CompletionSources.Add("auto", "cpu", "cuda");
        command.Add(OptionGroups.Computing, _device, _libtorch);
        command.Check(given =>
        {
            if (threads is not null && given.GetValue(_device) is { } device && ComputeDevices.AreGpus(device))
            {
                given.RefuseIdle($"--device {device}", "each GPU is one lane", threads);
            }
        });
    }

    /// <summary>All options of the set.</summary>
    public IEnumerable<Option> All => [_device, _libtorch];

    /// <summary>Loads libtorch and finds the devices.</summary>
    /// <exception cref="MetaMap.Core.ConfigurationException">A device that is not there.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public ComputeDevices Find(ParseResult parsed)
    {
        string? folder = UseLibtorch(parsed);
        string asked = parsed.GetValue(_device)!;
        ImmutableArray<ComputeDevice> found = ComputeDevice.Find(asked);
        TorchRuntime.Initialize();
        if (asked == "auto" && !found.Contains(ComputeDevice.Cpu))
        {
            Notice.Say($"computing on {string.Join("; ", found.Select(device => device.Description))}; --device cpu computes on the processor");
        }

        return new ComputeDevices(found, asked, folder);
    }

    /// <summary>Takes the libtorch that is asked for, before any is loaded.</summary>
    /// <returns>Its folder; null where none was named.</returns>
    public string? UseLibtorch(ParseResult parsed)
    {
        string? folder = parsed.GetValue(_libtorch);
        if (folder is not null)
        {
            TorchRuntime.UseFolder(folder);
        }

        return folder;
    }
}

/// <summary>The devices of a call.</summary>
/// <param name="All">The processor alone, or GPUs.</param>
/// <param name="Asked">As they were asked for.</param>
/// <param name="Libtorch">Folder of the libtorch; null where none was named.</param>
internal sealed record ComputeDevices(ImmutableArray<ComputeDevice> All, string Asked, string? Libtorch)
{
    private int _made = -1;

    /// <summary>The first alone.</summary>
    public ComputeDevices First => new([All[0]], All[0].Name, Libtorch);

    /// <summary>What another process of this call is told.</summary>
    /// <param name="threads">Lanes on the processor; null where the other process takes no such option.</param>
    public IReadOnlyList<string> Arguments(int? threads = null) =>
    [
        "--device", Asked, .. AreGpus(Asked) || threads is not { } lanes ? Array.Empty<string>() : ["--threads", lanes.ToString(CultureInfo.InvariantCulture)],
        .. Libtorch is null ? Array.Empty<string>() : ["--libtorch", Libtorch],
    ];

    /// <summary>Whether a value of <c>--device</c> asks for GPUs and nothing else.</summary>
    public static bool AreGpus(string asked) => asked.StartsWith("cuda", StringComparison.Ordinal);

    /// <summary>Blocks computed at once.</summary>
    /// <param name="threads">On the processor.</param>
    public int Lanes(int threads) => All.Contains(ComputeDevice.Cpu) ? threads : All.Length;

    /// <summary>A learner for the next lane; lanes take the devices in turn.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="dataset">Where the content of the episodes is.</param>
    /// <param name="shape">What the model was made for; null for the shape of the dataset.</param>
    public EpisodeLearner NextLearner(RunOptions options, IEpisodeDataset dataset, TaskShape? shape = null) =>
        EpisodeLearner.Create(options, dataset, device: All[Interlocked.Increment(ref _made) % All.Length], shape: shape);
}

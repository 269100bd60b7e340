using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using MetaMap.Core;
using MetaMap.Core.Options;

namespace MetaMap.Data.Downloads;

/// <summary>
/// Fetches published datasets. A file is written under its name with the suffix <c>.part</c>, resumed after an interruption,
/// compared with its published digest, and only then renamed.
/// </summary>
/// <param name="client">Makes the requests; its timeout is how long a server may send nothing.</param>
/// <param name="sources">Where the datasets are.</param>
public sealed class DatasetDownloads(HttpClient client, IReadOnlyCollection<DownloadSource> sources)
{
    /// <summary>Suffix of files that are not complete yet.</summary>
    public const string PartSuffix = ".part";

    private const int MaxAttemptsWithoutProgress = 3;

    /// <summary>Fetches all files of a dataset that a folder lacks.</summary>
    /// <param name="dataset">Its name in options.</param>
    /// <param name="directory">The folder, made if needed.</param>
    /// <param name="progress">Notified as bytes arrive.</param>
    /// <param name="cancellation">What has arrived is kept, and the download resumes there next time.</param>
    /// <exception cref="ConfigurationException">The dataset cannot be downloaded by name.</exception>
    /// <exception cref="DataException">No connection, a file other than the published one, or a folder that is not writable.</exception>
    public async Task DownloadAsync(string dataset, string directory, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        DownloadSource source = sources.FirstOrDefault(source => source.Dataset == dataset) ?? throw new ConfigurationException(
            $"There is no download of dataset '{dataset}'; choose one of {string.Join(", ", sources.Select(source => source.Dataset))}.{Spelling.Question(dataset, sources.Select(source => source.Dataset))}");
        try
        {
            Directory.CreateDirectory(directory);
            foreach (DownloadFile file in source.Files)
            {
                await EnsureAsync(source, file, Path.Combine(directory, file.Name), progress, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new DataException(
                $"{dataset} cannot be downloaded ({error.Message}): get {string.Join(", ", source.Files.Select(file => file.Name))} "
                + $"from {source.BaseAddress} on a machine with a connection, and put them into {directory}",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{dataset} cannot be stored in {directory} ({error.Message}): choose a folder that can be written", error);
        }
    }

    private async Task EnsureAsync(
        DownloadSource source, DownloadFile file, string path, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            if (await DigestAsync(path, cancellation).ConfigureAwait(false) is { } found && found != file.Sha256)
            {
                throw new DataException($"{path} is there but is not the published file (SHA-256 {found}, expected {file.Sha256}): remove it to fetch it, or use it as it is");
            }

            progress?.Report(new DownloadProgress(file.Name, file.LengthBytes, file.LengthBytes));
            return;
        }

        string part = path + PartSuffix;
        await FetchAsync(new Uri(source.BaseAddress, file.Name), file, part, progress, cancellation).ConfigureAwait(false);
        string digest = await DigestAsync(part, cancellation).ConfigureAwait(false);
        if (digest != file.Sha256)
        {
            File.Delete(part);
            throw new DataException(
                $"{file.Name} from {source.BaseAddress} is not the published file (SHA-256 {digest}, expected {file.Sha256}): "
                + $"try again, or put the right file into {Path.GetDirectoryName(path)}");
        }

        File.Move(part, path);
    }

    /// <summary>Requests what is missing until the file is complete; a broken connection is resumed as long as bytes arrive.</summary>
    private async Task FetchAsync(Uri url, DownloadFile file, string part, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        FileStream stream = new(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        await using (stream.ConfigureAwait(false))
        {
            if (stream.Length > file.LengthBytes)
            {
                stream.SetLength(0);
            }

            int attempts = 0;
            while (stream.Length < file.LengthBytes)
            {
                long before = stream.Length;
                Exception? cut = await RequestAsync(url, file, stream, progress, cancellation).ConfigureAwait(false);
                attempts = stream.Length > before ? 0 : attempts + 1;
                if (attempts == MaxAttemptsWithoutProgress)
                {
                    throw new HttpRequestException(cut?.Message ?? $"{url} sends no more than {stream.Length} of {file.LengthBytes} bytes", cut);
                }
            }

            stream.Flush(flushToDisk: true);
        }
    }

    /// <summary>Makes one request, from the current end of the file.</summary>
    /// <returns>What broke the connection; null when the server has sent everything.</returns>
    private async Task<Exception?> RequestAsync(
        Uri url, DownloadFile file, FileStream stream, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, url);
        if (stream.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(stream.Length, null);
        }

        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            stream.SetLength(0);
            return null;
        }

        response.EnsureSuccessStatusCode();
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != stream.Length)
        {
            stream.SetLength(0); // The server sends the whole file.
        }

        stream.Seek(0, SeekOrigin.End);
        return await CopyAsync(response, file, stream, progress, cancellation).ConfigureAwait(false);
    }

    private async Task<Exception?> CopyAsync(
        HttpResponseMessage response, DownloadFile file, FileStream stream, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 16];
        using CancellationTokenSource idle = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        while (true)
        {
            int count;
            try
            {
                idle.CancelAfter(client.Timeout);
                Stream content = await response.Content.ReadAsStreamAsync(idle.Token).ConfigureAwait(false);
                count = await content.ReadAsync(buffer, idle.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or HttpRequestException)
            {
                return error;
            }
            catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
            {
                return new TimeoutException($"the server has sent nothing for {client.Timeout.TotalSeconds:0} s", error);
            }

            if (count == 0)
            {
                return null;
            }

            if (stream.Length + count > file.LengthBytes)
            {
                stream.SetLength(0);
                throw new DataException(
                    $"{response.RequestMessage?.RequestUri} sends more than the {file.LengthBytes} bytes of the published file: try again, or fetch it by hand");
            }

            await stream.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            progress?.Report(new DownloadProgress(file.Name, stream.Length, file.LengthBytes));
        }
    }

    private static async Task<string> DigestAsync(string path, CancellationToken cancellation)
    {
        FileStream stream = File.OpenRead(path);
        await using (stream.ConfigureAwait(false))
        {
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
        }
    }
}

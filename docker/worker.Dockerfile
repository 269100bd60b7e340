# A worker for processors (64-bit x86): computes meta-gradients with the libtorch of its package.
#   docker build -f docker/worker.Dockerfile -t metamap-worker .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# What packages follow from, and nothing else: a change of code takes the next two layers from the cache.
COPY global.json Directory.Build.props Directory.Packages.props src/*/*.csproj ./
RUN --mount=type=cache,id=metamap-nuget,target=/root/.nuget/packages,sharing=locked \
    for project in *.csproj; do mkdir -p "src/${project%.csproj}" && mv "$project" "src/${project%.csproj}/" || exit 1; done \
    && dotnet restore src/Cli/Cli.csproj -r linux-x64 -p:TorchBackend=cpu
COPY BannedSymbols.txt .editorconfig ./
COPY src/ src/
# Restores nothing again, unless the cache of packages was emptied. Continuous integration has analysed the code.
RUN --mount=type=cache,id=metamap-nuget,target=/root/.nuget/packages,sharing=locked \
    dotnet publish src/Cli/Cli.csproj -c Release -r linux-x64 --no-self-contained -p:TorchBackend=cpu \
    -p:RunAnalyzers=false -p:PublishDocumentationFiles=false --disable-build-servers -o /app \
    && mv /app/libtorch /libtorch

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# What the node writes; a new volume takes over the owner. /tmp is the only other place.
RUN mkdir /cache /data && chown "$APP_UID:$APP_UID" /cache
# Most of the image, in a layer that a change of code leaves as it is.
COPY --from=build /libtorch /app/libtorch
COPY --from=build /app /app
COPY docker/metamap /usr/local/bin/metamap
VOLUME /cache
USER $APP_UID
WORKDIR /tmp
# As ./metamap sets it: the garbage collector stops the lanes less often. glibc's allocator the worker sets up itself.
ENV DOTNET_GCgen0size=0x2000000 METAMAP_CACHE=/cache
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=10s --retries=3 --start-period=60s CMD ["metamap", "health", "--worker", "/tmp/metamap-worker"]
ENTRYPOINT ["metamap"]
CMD ["worker", "--coordinator", "coordinator:4053", "--insecure", "--data", "/data", "--health-file", "/tmp/metamap-worker"]
LABEL org.opencontainers.image.title="MetaMap worker" \
      org.opencontainers.image.description="Computes meta-gradients on processors for the runs of a coordinator." \
      org.opencontainers.image.base.name="mcr.microsoft.com/dotnet/aspnet:10.0"

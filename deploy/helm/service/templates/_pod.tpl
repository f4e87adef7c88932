{{/* The pod of one process: (dict "root" $ "values" VALUES "process" "web|worker|migrate"). */}}
{{- define "muster.pod" -}}
{{- $values := .values -}}
{{- $name := .root.Chart.Name -}}
{{- $issuer := ternary "" $values.global.serviceTokens.issuer (eq .process "migrate") -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $values.global.image.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
securityContext: {{- include "muster.podSecurity" .root | nindent 2 }}
terminationGracePeriodSeconds: 30
{{- if $issuer }}
serviceAccountName: {{ $name }}
{{- end }}
{{- if eq .process "migrate" }}
restartPolicy: Never
{{- else }}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "muster.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .process }}
{{- end }}
{{- with $values.pod }}
{{ toYaml . }}
{{- end }}
containers:
- name: {{ .process }}
  image: {{ include "muster.image" (dict "name" $name "values" $values "version" .root.Chart.AppVersion) }}
  imagePullPolicy: {{ $values.global.image.pullPolicy }}
  command: [python, -m, {{ $name }}, {{ .process }}]
  securityContext: {{- include "muster.containerSecurity" .root | nindent 4 }}
  env:
  {{- range $values.secretKeys }}
  - {name: MUSTER_{{ . | upper | replace "-" "_" }}_FILE, value: /run/secrets/muster/{{ . }}}
  {{- end }}
  - {name: MUSTER_NATS_USER, value: {{ $name }}}
  - {name: MUSTER_NATS_URL, value: {{ $values.global.natsUrl | quote }}}
  - {name: MUSTER_STREAM_REPLICAS, value: {{ $values.global.streamReplicas | quote }}}
  - {name: MUSTER_PUBLIC_URL, value: {{ required "global.publicUrl: the gateway's address as clients see it" $values.global.publicUrl | quote }}}
  {{- range list "identity" "orgs" "authz" }}
  - {name: MUSTER_{{ upper . }}_URL, value: "http://{{ . }}:8000"}
  {{- end }}
  {{- with $values.global.objects }}
  {{- if .url }}
  - {name: MUSTER_OBJECTS_URL, value: {{ .url | quote }}}
  - {name: MUSTER_OBJECTS_ENDPOINT, value: {{ .endpoint | quote }}}
  - {name: MUSTER_OBJECTS_PUBLIC_ENDPOINT, value: {{ .publicEndpoint | quote }}}
  - {name: MUSTER_OBJECTS_REGION, value: {{ .region | quote }}}
  {{- end }}
  {{- end }}
  - {name: MUSTER_OTLP_URL, value: {{ $values.global.otlpUrl | quote }}}
  - {name: MUSTER_TRACE_RATIO, value: {{ $values.global.traceRatio | quote }}}
  - {name: MUSTER_LOG_LEVEL, value: {{ $values.global.logLevel | quote }}}
  {{- if $issuer }}
  - {name: MUSTER_SERVICE_TOKEN_PATH, value: /run/secrets/muster-token/token}
  {{- end }}
  {{- if and $issuer (eq $name "identity") }}
  {{- $accounts := dict }}
  {{- range list "identity" "orgs" "authz" "artifacts" "notifications" }}
  {{- $_ := set $accounts (printf "%s:%s" $.root.Release.Namespace .) . }}
  {{- end }}
  {{- $cluster := dict "ISSUER" $issuer "AUDIENCE" $values.global.serviceTokens.audience "SERVICES" (toJson $accounts) }}
  {{- $_ := set $cluster "JWKS_URL" "https://kubernetes.default.svc/openid/v1/jwks" }}
  {{- $_ := set $cluster "CA_FILE" "/run/secrets/muster-token/ca.crt" }}
  {{- $_ := set $cluster "TOKEN_PATH" "/run/secrets/muster-token/api-token" }}
  {{- range $key, $value := $cluster }}
  - {name: MUSTER_KUBERNETES_{{ $key }}, value: {{ $value | quote }}}
  {{- end }}
  {{- end }}
  - {name: MUSTER_WORKER, value: {{ ternary "none" "inline" (gt (int $values.worker.replicas) 0) }}}
  {{- range $key, $value := $values.environment }}
  - {name: MUSTER_{{ $key }}, value: {{ $value | toString | quote }}}
  {{- end }}
  {{- if ne .process "migrate" }}
  ports: [{name: http, containerPort: 8000}]
  startupProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 2, failureThreshold: 60}
  readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 5, timeoutSeconds: 4}
  livenessProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
  {{- end }}
  {{- if eq .process "web" }}
  # requests still come until every node knows that this pod ends
  lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
  {{- end }}
  resources: {{- toYaml $values.resources | nindent 4 }}
  volumeMounts:
  - {name: secrets, mountPath: /run/secrets/muster, readOnly: true}
  - {name: tmp, mountPath: /tmp}
  {{- if $issuer }}
  - {name: token, mountPath: /run/secrets/muster-token, readOnly: true}
  {{- end }}
volumes:
- name: secrets
  secret: {secretName: {{ $values.secret | default (printf "muster-%s" $name) }}, defaultMode: 288} # 0440
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
{{- if $issuer }}
- name: token
  projected:
    defaultMode: 288
    sources:
    - serviceAccountToken: {path: token, audience: {{ $values.global.serviceTokens.audience }}, expirationSeconds: 3600}
    {{- if eq $name "identity" }}
    - serviceAccountToken: {path: api-token, expirationSeconds: 3600} # to read the cluster's keys with
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
    {{- end }}
{{- end }}
{{- end }}

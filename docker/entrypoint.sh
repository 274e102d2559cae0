#!/bin/sh
# One image, several jobs: web, worker, beat, migrate, manage COMMAND, health JOB. compose.yaml does the waiting.
set -eu

health() {
    case "$1" in
        web) exec python docker/health.py ;;
        worker) exec celery -A config inspect ping --destination "worker@$(hostname)" --timeout 10 ;;
        # beat writes its schedule every three minutes.
        beat) test -n "$(find /tmp -maxdepth 1 -name 'beat-schedule*' -mmin -5)" ;;
        *) echo "health of what? web, worker or beat" >&2; exit 2 ;;
    esac
}

case "${1:-web}" in
    web)
        exec gunicorn config.wsgi:application --bind 0.0.0.0:8000 --worker-class gthread \
            --workers "${WEB_WORKERS:-4}" --threads "${WEB_THREADS:-4}" --timeout 60 --graceful-timeout 30 \
            --keep-alive 75 --worker-tmp-dir /dev/shm --no-control-socket --limit-request-line 8190
        ;;
    worker)
        exec celery -A config worker --hostname "worker@$(hostname)" --concurrency "${WORKER_PROCESSES:-2}" \
            --without-gossip --without-mingle --loglevel INFO
        ;;
    beat)
        exec celery -A config beat --schedule /tmp/beat-schedule --pidfile= --loglevel INFO
        ;;
    migrate)
        # One container does it, before the others start. An index that is absent, of an older definition or behind
        # is built anew beside the one in use.
        python manage.py migrate --no-input
        python manage.py reindex --verify || exec python manage.py reindex
        ;;
    manage)
        shift
        exec python manage.py "$@"
        ;;
    health)
        health "${2:-}"
        ;;
    *)
        echo "unknown job $1: use web, worker, beat, migrate, manage COMMAND or health JOB" >&2
        exit 2
        ;;
esac
